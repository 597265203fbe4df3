-- Layers, who holds them, and the read-write layers of containers. Portable to H2 and PostgreSQL.
-- Digests are their 64 hexadecimal digits, lengths are bytes.

create table layer (
    diff_id         varchar(64) primary key,      -- SHA-256 of the uncompressed tar
    size            bigint      not null,         -- apparent: the non-directories of the tree, each inode once
    disk_usage      bigint      not null,         -- allocated: tree, journal and saved payloads
    tar_size        bigint      not null,
    compressed_size bigint,                       -- of the blob, where one was ever seen
    files           bigint      not null,
    created         timestamp(6) with time zone not null,
    boot_id         varchar(36) not null,         -- the boot of the kernel in which it was written
    synced          boolean     not null,         -- whether it is known to be on the disk
    damaged         varchar(1024)                 -- what verification found
);

-- Holds layers that no image and no container lists yet; ends with the run of the daemon that opened it.
create table lease (
    id      varchar(36)  primary key,
    purpose varchar(255) not null,
    created timestamp(6) with time zone not null
);

create table lease_layer (
    lease varchar(36) not null references lease (id),
    layer varchar(64) not null references layer (diff_id),
    primary key (lease, layer)
);

create index lease_layer_layer on lease_layer (layer);

create table read_write_layer (
    container  varchar(64)  primary key,
    directory  varchar(1024) not null,            -- relative to the data root
    size       bigint,                            -- apparent, null where something may have written since
    disk_usage bigint                             -- allocated, the same
);

-- The layers that a container stands on, bottom first; not by way of its image, which may go before it.
create table container_layer (
    container varchar(64) not null references read_write_layer (container),
    position  integer     not null,
    layer     varchar(64) not null references layer (diff_id),
    primary key (container, position)
);

create index container_layer_layer on container_layer (layer);
