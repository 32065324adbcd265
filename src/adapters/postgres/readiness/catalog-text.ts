/**
 * Which relations pg_dump reads (pg_dump.c: selectDumpableNamespace, checkExtensionMembership,
 * getTables, processExtensionTables): tables, partitioned tables and sequences outside of system
 * schemas that no extension owns, and the configuration relations of extensions. Views,
 * materialized views and foreign tables are dumped as definitions only and need no right.
 * 16384 is FirstNormalObjectId: extensions below it come with initdb and are not dumped.
 */
export const dumpedRelations = `
  SELECT c.oid, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relpersistence,
         n.oid AS nspoid, n.nspname, n.nspowner, x.extname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (SELECT pg_catalog.unnest(e.extconfig) AS oid, e.extname
                 FROM pg_catalog.pg_extension e WHERE e.oid >= 16384) x ON x.oid = c.oid
   WHERE c.relkind IN ('r', 'p', 'S')
     AND (CASE WHEN x.oid IS NOT NULL THEN c.relkind <> 'p'
               ELSE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                     WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                       AND d.objid = c.oid AND d.deptype = 'e') END)`;

/** Large objects whose data the current role may not read; lo_compat_privileges switches rights off. */
export const unreadableLargeObjectAcls = `
  SELECT a.lomowner, a.lomacl, a.objects
    FROM (SELECT lomowner, lomacl, pg_catalog.count(*) AS objects
            FROM pg_catalog.pg_largeobject_metadata GROUP BY lomowner, lomacl) a
   WHERE pg_catalog.current_setting('lo_compat_privileges') = 'off'
     AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
     AND NOT EXISTS (
       SELECT FROM pg_catalog.aclexplode(
                     COALESCE(a.lomacl, pg_catalog.acldefault('L', a.lomowner))) g
        WHERE g.privilege_type = 'SELECT'
          AND (g.grantee = 0 OR pg_catalog.pg_has_role(g.grantee, 'USAGE')))`;
