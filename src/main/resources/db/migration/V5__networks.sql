-- Networks, and what containers have in them. Portable to H2 and PostgreSQL.

create table network (
    id         varchar(64)      primary key,
    name       varchar(4000)    not null unique,
    definition varchar(1000000) not null,          -- NetworkDefinition as JSON
    boot_id    varchar(36)      not null           -- the boot of the kernel in which its link was made; empty where it is there no more
);

-- The networks of a container as JSON: what was asked for and, while it runs, its addresses and ports.
alter table container add column networks varchar(1000000) default '{}' not null;
