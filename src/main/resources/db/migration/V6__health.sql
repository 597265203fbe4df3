-- What the probes of a container's health have found; only containers that are probed have a row.

create table container_health (
    container varchar(64)      primary key references container (id) on delete cascade,
    health    varchar(1000000) not null           -- Health as JSON
);
