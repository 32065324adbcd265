/** Throwaway PostgreSQL servers for tests; the demo uses the same ones. */
export {
  type ClusterOptions,
  type PostgresCluster,
  startCluster,
  withCluster,
} from "../../scripts/postgres-cluster.ts";
