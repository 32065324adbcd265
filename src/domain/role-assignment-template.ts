import { guidOf } from "./guid.ts";
import type { JsonObject } from "./json.ts";
import { normaliseResourceId } from "./resource-id.ts";
import type { RoleNeed } from "./role-needs.ts";

export interface TemplatePrincipal {
  /** Object id in Microsoft Entra; absent: asked for when the template is deployed. */
  readonly principalId?: string;
}

/**
 * An ARM template that gives exactly these roles, for a deployment at subscription scope by whoever
 * may assign roles. One nested deployment for each resource group, because a role assignment is
 * deployed where its resource lies. Names derive from scope, principal and role, as ARM's `guid()`
 * makes them: deploying twice changes nothing.
 */
export function roleAssignmentTemplate(
  needs: readonly RoleNeed[],
  principal: TemplatePrincipal,
): JsonObject {
  const groups = Map.groupBy(needs, (need) => placeOf(need.scope).group.toLowerCase());
  return {
    $schema:
      "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
    contentVersion: "1.0.0.0",
    parameters: {
      principalId: {
        type: "string",
        ...(principal.principalId === undefined ? {} : { defaultValue: principal.principalId }),
        metadata: { description: "Object id of pgvault's managed identity." },
      },
      principalType: {
        type: "string",
        defaultValue: "ServicePrincipal",
        allowedValues: ["ServicePrincipal", "Group", "User"],
      },
    },
    resources: [...groups.values()].map(presentGroup),
  };
}

function presentGroup(needs: readonly RoleNeed[]): JsonObject {
  const [first] = needs;
  const { subscriptionId, resourceGroup, group } = placeOf(first?.scope ?? "");
  return {
    type: "Microsoft.Resources/deployments",
    apiVersion: "2022-09-01",
    name: `pgvault-roles-${guidOf(group.toLowerCase())}`,
    subscriptionId,
    resourceGroup,
    properties: {
      mode: "Incremental",
      expressionEvaluationOptions: { scope: "inner" },
      parameters: {
        principalId: { value: "[parameters('principalId')]" },
        principalType: { value: "[parameters('principalType')]" },
      },
      template: {
        $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        contentVersion: "1.0.0.0",
        parameters: { principalId: { type: "string" }, principalType: { type: "string" } },
        resources: needs.map(presentAssignment),
      },
    },
  };
}

function presentAssignment({ role, roleDefinitionId, scope, reason }: RoleNeed): JsonObject {
  const { relativeScope } = placeOf(scope);
  return {
    type: "Microsoft.Authorization/roleAssignments",
    apiVersion: "2022-04-01",
    // Without scope: the resource group that the nested deployment goes to.
    ...(relativeScope === undefined ? {} : { scope: relativeScope }),
    name: `[guid('${literal(normaliseResourceId(scope))}', parameters('principalId'), '${roleDefinitionId}')]`,
    properties: {
      roleDefinitionId: `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${roleDefinitionId}')]`,
      principalId: "[parameters('principalId')]",
      principalType: "[parameters('principalType')]",
      description: `pgvault: ${role}. ${reason}`,
    },
  };
}

interface Place {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Id of the resource group. */
  readonly group: string;
  /** `Microsoft.KeyVault/vaults/NAME`; undefined for the resource group itself. */
  readonly relativeScope?: string;
}

function placeOf(scope: string): Place {
  const [, group = "", subscriptionId = "", resourceGroup = "", relativeScope] =
    /^(\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+))(?:\/providers\/(.+?))?\/*$/i.exec(
      scope,
    ) ?? [];
  return {
    subscriptionId,
    resourceGroup,
    group,
    ...(relativeScope === undefined ? {} : { relativeScope }),
  };
}

/** Inside of an ARM expression an apostrophe is doubled. */
const literal = (text: string): string => text.replaceAll("'", "''");
