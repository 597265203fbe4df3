-- Volumes, and the layers of images that are mounted in containers. Portable to H2 and PostgreSQL.

create table volume (
    name    varchar(255) primary key,
    created bigint       not null,                -- seconds since 1970, which is all that clients see
    labels  varchar(1000000),                     -- as JSON, null where none were given
    options varchar(1000000)                      -- the same
);

-- The layers that a container shows beside those it stands on.
create table mounted_layer (
    container varchar(64) not null references read_write_layer (container) on delete cascade,
    layer     varchar(64) not null references layer (diff_id),
    primary key (container, layer)
);

create index mounted_layer_layer on mounted_layer (layer);
