-- Containers. Portable to H2 and PostgreSQL. Times are nanoseconds since 1970, for clients see nanoseconds.

create table container (
    id             varchar(64)      primary key,
    name           varchar(255)     not null unique,
    created        bigint           not null,
    image          varchar(64)      not null,          -- plain text: the image may be gone
    config         varchar(1000000) not null,          -- ContainerConfig as JSON
    host_config    varchar(1000000) not null,          -- HostConfig as JSON
    mounts         varchar(1000000) not null,          -- the mount points as JSON
    status         varchar(16)      not null,
    exit_code      integer          not null,
    error          varchar(4000)    not null,
    oom_killed     boolean          not null,
    started        bigint,
    finished       bigint,
    restart_count  integer          not null,
    stopped_by_hand boolean         not null,          -- what "unless-stopped" asks for
    boot_id        varchar(36),                        -- the processes, while there are any
    init_pid       integer,
    init_started   bigint,                             -- clock ticks since boot
    conmon_pid     integer,
    conmon_started bigint
);

create index container_image on container (image);
