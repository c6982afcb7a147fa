-- Run once on the primary; \password sets the passwords afterwards. Standbys and probers need no superuser.
create role replicator login replication;
-- What pg_rewind reads, and the checkpoint before it.
grant execute on function pg_catalog.pg_ls_dir(text, boolean, boolean) to replicator;
grant execute on function pg_catalog.pg_stat_file(text, boolean) to replicator;
grant execute on function pg_catalog.pg_read_binary_file(text) to replicator;
grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) to replicator;
grant pg_checkpoint to replicator;
-- Looks of the probers: no rights but to log in.
create role oneup_check login;
