-- Images and their names. Portable to H2 and PostgreSQL.

create table image (
    id          varchar(64) primary key,          -- SHA-256 of config, hexadecimal
    config      bytea       not null,             -- the exact bytes of the image configuration
    parent      varchar(64),                      -- the image it was made from here; plain text, it may be gone
    last_tagged timestamp(6) with time zone
);

create index image_parent on image (parent);

-- The layers of an image, bottom first; one layer may stand in several places.
create table image_layer (
    image    varchar(64) not null references image (id),
    position integer     not null,
    layer    varchar(64) not null references layer (diff_id),
    primary key (image, position)
);

create index image_layer_layer on image_layer (layer);

-- repository:tag and repository@digest in their full form.
create table image_reference (
    name  varchar(1024) primary key,
    image varchar(64)   not null references image (id)
);

create index image_reference_image on image_reference (image);
