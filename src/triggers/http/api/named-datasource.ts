import type { z } from "zod";
import {
  type credentialsSchema,
  type datasourceSchema,
  parseDatasource,
  readCredentials,
} from "../../../contract/datasource.ts";
import type { Credentials, Datasource } from "../../../domain/datasource.ts";
import { fault } from "../../../domain/fault.ts";
import { instanceResourceId } from "../../../domain/resource-id.ts";
import { orRefuse, refuse } from "./answers.ts";
import { notFound, vaultRefOf } from "./load.ts";
import type { ApiCall } from "./operation-record.ts";

export interface DatasourceNaming {
  readonly instanceName?: string;
  readonly dataSourceInfo?: z.output<typeof datasourceSchema>;
  readonly datasourceAuthCredentials?: z.output<typeof credentialsSchema>;
}

/** A datasource and its credentials: a backup instance's of the vault in the path, or described. */
export async function readNamedDatasource(
  call: ApiCall,
  wire: DatasourceNaming,
): Promise<{ readonly datasource: Datasource; readonly credentials: Credentials }> {
  const { instanceName, dataSourceInfo, datasourceAuthCredentials } = wire;
  if ((instanceName === undefined) === (dataSourceInfo === undefined)) {
    const detail = "Send either instanceName or dataSourceInfo";
    return refuse(fault("InvalidRequestContent", { detail }, { target: "instanceName" }));
  }
  if (dataSourceInfo !== undefined) {
    return {
      datasource: orRefuse(parseDatasource(dataSourceInfo, "dataSourceInfo")),
      credentials: readCredentials(datasourceAuthCredentials),
    };
  }
  const ref = { ...vaultRefOf(call), instanceName: instanceName ?? "" };
  const found = await call.catalog.instances.get(ref);
  if (found === undefined || found.value.deletion !== undefined) {
    return refuse(notFound(instanceResourceId(ref)));
  }
  const { datasource, credentials } = found.value;
  return {
    datasource,
    credentials:
      datasourceAuthCredentials === undefined
        ? credentials
        : readCredentials(datasourceAuthCredentials),
  };
}
