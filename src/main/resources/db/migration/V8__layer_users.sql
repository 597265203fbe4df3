-- What lists of layers need of all images at once, and when images were last used. Portable to H2 and PostgreSQL.

-- The layers of an image in one narrow row: to read its rows of image_layer takes thirty times as long. Derived from them, and never changed.
create table image_stack (
    image  varchar(64) primary key references image (id) on delete cascade,
    layers bytea not null                         -- the 32 bytes of each DiffID, bottom first
);

-- What made the layers of an image, from the history in its configuration.
create table image_steps (
    image varchar(64) primary key references image (id) on delete cascade,
    steps bytea not null                          -- a JSON array of commands, one for each layer, bottom first
);

-- When containers of an image that are gone last did something: nanoseconds since 1970, null where there were none.
create table image_use (
    image     varchar(64) primary key references image (id) on delete cascade,
    last_used bigint
);

insert into image_use (image) select id from image;

-- For the first of many layers in the order of their sizes, or of their age.
create index layer_size on layer (size, diff_id);
create index layer_created on layer (created, diff_id);
