/**
 * The one list of errors: feeds ARM error bodies, job errors, exit codes and docs/operations.md.
 * Codes are Azure Backup's where Azure has one (shared/reference/azure-facts.md §8).
 */
export interface CatalogueEntry {
  /** Status of the HTTP answer when the error ends a request. */
  readonly httpStatus: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 429 | 500 | 501 | 503;
  readonly retryable: boolean;
  readonly fault: "user" | "service";
  /** `{name}` places are filled in by `fault()`. */
  readonly message: string;
  /** What the person on call does next. */
  readonly action: string;
}

const user = (httpStatus: CatalogueEntry["httpStatus"], message: string, action: string) =>
  ({ httpStatus, retryable: false, fault: "user", message, action }) as const;

const transient = (httpStatus: CatalogueEntry["httpStatus"], message: string, action: string) =>
  ({ httpStatus, retryable: true, fault: "service", message, action }) as const;

export const errorCatalogue = {
  // Secrets
  UserErrorInvalidSecret: user(
    400,
    "Secret '{secret}' does not exist in its secret store.",
    "Create the secret, or correct the secret URI of the backup instance or restore request.",
  ),
  UserErrorSecretValueInUnsupportedFormat: user(
    400,
    "The value of secret '{secret}' is not an ADO.NET connection string: {detail}",
    "Store the server's ADO.NET connection string, such as Server=HOST;Port=5432;User Id=USER;Password=PASSWORD;Ssl Mode=Require;",
  ),
  UserErrorInvalidSecretStore: user(
    400,
    "Secret store of '{secret}' does not exist or cannot be reached: {detail}",
    "Correct the Key Vault URI and allow pgvault's network to reach it.",
  ),
  UserErrorMissingPermissionsOnSecretStore: user(
    400,
    "pgvault may not read secret '{secret}': {detail}",
    "Give pgvault's identity the role Key Vault Secrets User, or the access policy secrets Get and List.",
  ),
  // Encryption keys
  UserErrorEncryptionKeyUnusable: user(
    400,
    "Encryption key '{key}' cannot be used: {detail}",
    "Mend the key as the message says. A new backup may use another key (setting PGVAULT_ENCRYPTION_KEY); an older recovery point needs the key that its manifest names.",
  ),
  UserErrorEncryptionKeyUnreachable: user(
    400,
    "Encryption key '{key}' cannot be reached: {detail}",
    "Correct the key's URI, and let pgvault's network reach the Key Vault.",
  ),
  UserErrorMissingPermissionsOnEncryptionKey: user(
    400,
    "pgvault may not use encryption key '{key}': {detail}",
    "Give pgvault's identity the role Key Vault Crypto User on the key or its vault, or the access policy keys Get, Wrap Key and Unwrap Key.",
  ),
  // Reaching and reading a server
  UserErrorMissingNetworkSecurityPermissions: user(
    400,
    "Server '{server}' cannot be reached: {detail}",
    "Check host name, port, firewall rules and network security groups between pgvault and the server.",
  ),
  UserErrorServerConnectionClosed: {
    httpStatus: 400,
    retryable: true,
    fault: "user",
    message: "Server '{server}' closed the connection: {detail}",
    action: "Check that the server is up and accepts connections; the next attempt may succeed.",
  },
  UserErrorDBUserAuthFailed: user(
    400,
    "Server '{server}' refused role '{role}': {detail}",
    "Correct user and password in the secret, and see that the role exists and may log in.",
  ),
  UserErrorDBNotFound: user(
    400,
    "Database '{database}' does not exist on server '{server}'.",
    "Check the database name; if it was dropped, stop protection of the backup instance.",
  ),
  UserErrorMissingDBPermissions: user(
    400,
    "Role '{role}' lacks rights in database '{database}': {detail}",
    "Run the grant statements named in the error as the owner of the objects or an administrator.",
  ),
  UserErrorDatabaseNameAlreadyInUse: user(
    400,
    "A database named '{database}' exists on server '{server}' already.",
    "Choose another name for the restored database: a restore never overwrites.",
  ),
  UserErrorRestoreToLowerVersion: user(
    400,
    "The recovery point was taken from PostgreSQL {source}; server '{server}' runs {target}.",
    "Restore to a server of the same or a higher major version.",
  ),
  UserErrorUnsupportedServerVersion: user(
    400,
    "Server '{server}' runs PostgreSQL {version}, for which no client tools are installed (found: {found}).",
    "Install the postgresql-client package of that major version where pgvault runs.",
  ),
  UserErrorContainerNotAccessible: user(
    400,
    "Container '{container}' cannot be written: {detail}",
    "Give pgvault's identity Storage Blob Data Contributor on the container, or pass a SAS URL that may create and write.",
  ),
  UserErrorLockNotAvailable: {
    httpStatus: 400,
    retryable: true,
    fault: "user",
    message: "{object} in database '{database}' stayed locked by another session: {detail}",
    action: "End the session that holds the exclusive lock, or back up at a quieter time.",
  },
  // Protection
  UserErrorDppDatasourceAlreadyProtected: user(
    400,
    "Datasource '{datasource}' is already protected by backup instance '{instance}'.",
    "Use that backup instance, or delete it first.",
  ),
  UserErrorMaxConcurrentOperationLimitReached: {
    httpStatus: 409,
    retryable: true,
    fault: "user",
    message: "Another operation is running for backup instance '{instance}': {detail}",
    action: "Wait until the running job has ended.",
  },
  UserErrorPolicyNotFound: user(
    400,
    "Backup policy '{policy}' does not exist in vault '{vault}'.",
    "Create the policy first, or correct properties.policyInfo.policyId.",
  ),
  UserErrorPolicyInUse: user(
    409,
    "Backup policy '{policy}' protects {count} backup instance(s), among them '{instance}'.",
    "Move the backup instances to another policy or delete them first.",
  ),
  UserErrorVaultNotEmpty: user(
    409,
    "Vault '{vault}' still holds {detail}.",
    "Delete its backup instances and backup policies first.",
  ),
  UserErrorInstanceNotProtected: user(
    400,
    "Backup instance '{instance}' is in state {state}: {detail}",
    "Resume protection or mend the configuration first.",
  ),
  UserErrorBlockedByImmutability: user(
    409,
    "Vault '{vault}' refuses what would end recovery points before their time: {detail}",
    "Keep the retention, or stop protection and retain the data; only an unlocked immutability can be disabled.",
  ),
  UserErrorResourceGuardApprovalMissing: user(
    403,
    "Operation '{operation}' on '{resource}' is guarded by resource guard '{guard}': {detail}",
    "Have another person with the role Backup MUA Operator approve: send properties.resourceGuardOperationRequests and that person's token in x-ms-authorization-auxiliary.",
  ),
  UserErrorRecoveryPointNotFound: user(
    404,
    "Recovery point '{recoveryPoint}' does not exist in backup instance '{instance}'.",
    "List the recovery points of the backup instance and choose one of them.",
  ),
  UserErrorRecoveryPointArchived: user(
    400,
    "Recovery point '{recoveryPoint}' is in the archive store and must be rehydrated.",
    "Send an AzureBackupRestoreWithRehydrationRequest with rehydrationPriority and rehydrationRetentionDuration.",
  ),
  // Requests
  BMSUserErrorInvalidInput: user(
    400,
    "{detail}",
    "Correct the request as the message says and send it again.",
  ),
  UserErrorNotSupported: user(400, "{detail}", "Use one of the forms that the message names."),
  InvalidRequestContent: user(
    400,
    "The request content is not valid: {detail}",
    "Correct the request body as the message says and send it again.",
  ),
  MissingApiVersionParameter: user(
    400,
    "The api-version query parameter (?api-version=) is required for all requests.",
    "Add ?api-version=2025-07-01.",
  ),
  InvalidApiVersionParameter: user(
    400,
    "The api-version '{version}' is invalid. Expected YYYY-MM-DD or YYYY-MM-DD-preview, 2021-01-01 or later.",
    "Use ?api-version=2025-07-01.",
  ),
  RequestEntityTooLarge: user(
    413,
    "The request body has more than {limitBytes} bytes.",
    "Send a smaller body.",
  ),
  AuthenticationFailed: user(
    401,
    "Authentication failed: {detail}",
    "Send the header Authorization: Bearer TOKEN; locally the tokens are in tokens.json of the state folder.",
  ),
  AuthorizationFailed: user(
    403,
    "'{principal}' does not have authorization to perform action '{action}' over scope '{scope}'.",
    "Use a principal with the role {role}.",
  ),
  ResourceNotFound: user(
    404,
    "The Resource '{resource}' was not found.",
    "Check subscription, resource group and name, or create the resource first.",
  ),
  UserErrorGenericResourceNotFound: user(
    404,
    "Azure resource does not exist. Please make sure required resources exist. '{resource}' was not found.",
    "Check the name, or create the resource first.",
  ),
  MethodNotAllowed: user(
    405,
    "Method {method} is not allowed for '{path}'.",
    "Use one of: {allowed}.",
  ),
  Conflict: {
    httpStatus: 409,
    retryable: true,
    fault: "user",
    message: "'{resource}' was changed by someone else at the same time.",
    action: "Read the resource again and repeat the change.",
  },
  // Data in the vault
  RecoveryPointCorrupt: {
    httpStatus: 500,
    retryable: false,
    fault: "service",
    message: "Recovery point '{recoveryPoint}' is damaged: {detail}",
    action:
      "Restore another recovery point and back up anew; check the storage account for changes made outside pgvault.",
  },
  DumpFailed: {
    httpStatus: 500,
    retryable: true,
    fault: "service",
    message: "The dump of database '{database}' failed: {detail}",
    action:
      "Read the message of pg_dump or the server in this error; the next scheduled backup tries again.",
  },
  RestoreFailed: {
    httpStatus: 500,
    retryable: true,
    fault: "service",
    message: "The restore into database '{database}' failed: {detail}",
    action:
      "Mend what the message names and restore again; the half-restored database was removed.",
  },
  UserErrorRestoreObjectFailed: user(
    400,
    "Restoring into database '{database}' failed at: {detail}",
    "Mend what the statement needs on the target server (role, extension, privilege) and restore again; the half-restored database was removed.",
  ),
  UserErrorMissingRole: user(
    400,
    "Role '{role}' lacks what the restore needs on server '{server}': {detail}",
    "Run the statement named in the error as an administrator of the target server.",
  ),
  UserErrorRestoreTargetNotReady: user(
    400,
    "Server '{server}' lacks what the recovery point needs: {detail}",
    "Provide what the message names on the target server, or restore to another server.",
  ),
  StorageUnavailable: transient(
    503,
    "The storage of the vault did not answer: {detail}",
    "Check the storage account or Azurite; pgvault tries again by itself.",
  ),
  OperationTimedOut: transient(
    503,
    "'{what}' did not finish within {limit}.",
    "Check the load of server and host; pgvault tries again by itself.",
  ),
  JobAbandoned: transient(
    500,
    "The workflow of this job ended without closing it: {detail}",
    "Start the operation again; report this if it happens twice.",
  ),
  JobCancelled: user(
    409,
    "The job was cancelled: {detail}",
    "Nothing needs to be done; start the operation again when it is wanted.",
  ),
  LeaseLost: transient(
    409,
    "The lease '{lease}' was lost to another holder.",
    "pgvault tries again by itself; if it persists, look for a second host on the same storage.",
  ),
  InternalError: {
    httpStatus: 500,
    // A bug repeats itself; whoever finds it transient gives it a code of its own.
    retryable: false,
    fault: "service",
    message: "pgvault failed unexpectedly: {detail}",
    action: "Look for the correlation id in the log and report it.",
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
