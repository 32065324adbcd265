/**
 * A PowerShell script (5.1 and 7) that runs the SQL with psql. The SQL stands in a here-string, which
 * only a line beginning with `'@` could end: no line of ours does, names included, since control
 * characters in names are escaped.
 */
export function powerShellScript(database: string, sql: string): string {
  if (/^'@/m.test(sql)) throw new Error("the SQL would end the here-string");
  return `#Requires -Version 5.1
# Runs the SQL below with psql, as an administrator of the server.
[CmdletBinding()]
param(
  [Parameter(Mandatory)] [string] $Server,
  [Parameter(Mandatory)] [string] $AdminUser,
  [int] $Port = 5432,
  [string] $SslMode = 'require',
  # Log in with the Microsoft Entra token of the Azure CLI instead of a password.
  [switch] $EntraToken
)
$ErrorActionPreference = 'Stop'

$sql = @'
${sql.trimEnd()}
'@

if ($EntraToken) {
  $password = az account get-access-token --resource-type oss-rdbms --query accessToken --output tsv
  if ($LASTEXITCODE -ne 0) { throw 'az account get-access-token failed: run az login first.' }
} else {
  $secure = Read-Host -Prompt "Password of $AdminUser" -AsSecureString
  $password = [System.Net.NetworkCredential]::new('', $secure).Password
}

$file = [System.IO.Path]::GetTempFileName()
try {
  # psql would take a byte order mark for SQL.
  [System.IO.File]::WriteAllText($file, $sql, [System.Text.UTF8Encoding]::new($false))
  $env:PGHOST = $Server
  $env:PGPORT = $Port
  $env:PGUSER = $AdminUser
  $env:PGPASSWORD = $password
  $env:PGDATABASE = ${quotePowerShell(database)}
  $env:PGSSLMODE = $SslMode
  $env:PGCLIENTENCODING = 'UTF8'
  psql --no-psqlrc --set=ON_ERROR_STOP=1 --file=$file
  if ($LASTEXITCODE -ne 0) { throw "psql ended with exit code $LASTEXITCODE." }
} finally {
  Remove-Item -LiteralPath $file -Force
  'PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE', 'PGSSLMODE', 'PGCLIENTENCODING' |
    ForEach-Object { Remove-Item -Path "Env:$_" -ErrorAction SilentlyContinue }
}
`;
}

/** PowerShell takes the typographic apostrophes U+2018 to U+201B for quotes too; doubling serves all. */
const quotePowerShell = (text: string): string =>
  `'${text.replaceAll(/['\u2018-\u201b]/g, "$&$&")}'`;
