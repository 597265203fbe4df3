create table if not exists orders (id integer primary key, what text not null);
insert into orders values (1, 'bread'), (2, 'salt'), (3, 'wine') on conflict do nothing;
