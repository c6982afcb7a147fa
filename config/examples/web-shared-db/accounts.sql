-- Run once on the database server, as a user who may pass rights on; set passwords of your own.
-- Each node has an account, and the application has no other way in.
create user web_a@'%' identified by 'change-me-a';
create user web_b@'%' identified by 'change-me-b';
grant select, insert, update, delete on web.* to web_a@'%';
grant select, insert, update, delete on web.* to web_b@'%';
-- The probers fence with this one; /etc/oneup/fence.cnf holds its password.
create user oneup_fence@'%' identified by 'change-me-fence';
grant create user, connection admin, process on *.* to oneup_fence@'%';
grant select on mysql.global_priv to oneup_fence@'%';
