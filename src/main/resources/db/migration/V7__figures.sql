-- What volumes weighed last, and what lists tell of images, so that neither is worked out anew for each request. Portable to H2 and PostgreSQL.

alter table volume add column size bigint;            -- apparent bytes, null where it was never measured
alter table volume add column disk_usage bigint;      -- allocated, the same
alter table volume add column sized bigint;           -- when, in nanoseconds since 1970

-- An image's row without its configuration, which is large. Images of an earlier version get theirs by the first list.
create table image_summary (
    image   varchar(64) primary key references image (id) on delete cascade,
    parent  varchar(64),                          -- as in the image's row
    last_tagged timestamp(6) with time zone,      -- the same
    created bigint,                               -- seconds since 1970, null where the configuration does not say
    nanos   integer     not null,                 -- of that second; many an image is from the year 1
    labels  bytea,                                -- as JSON, null where there are none
    size    bigint      not null                  -- apparent bytes of its layers, each as often as it occurs
);
