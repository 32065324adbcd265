/** Azure's region pairs, to which geo-redundant storage replicates (public documentation). */
const pairs: readonly (readonly [string, string])[] = [
  ["australiaeast", "australiasoutheast"],
  ["canadacentral", "canadaeast"],
  ["centralindia", "southindia"],
  ["centralus", "eastus2"],
  ["centraluseuap", "eastus2euap"],
  ["eastasia", "southeastasia"],
  ["eastus", "westus"],
  ["francecentral", "francesouth"],
  ["germanywestcentral", "germanynorth"],
  ["japaneast", "japanwest"],
  ["koreacentral", "koreasouth"],
  ["northcentralus", "southcentralus"],
  ["northeurope", "westeurope"],
  ["norwayeast", "norwaywest"],
  ["southafricanorth", "southafricawest"],
  ["swedencentral", "swedensouth"],
  ["switzerlandnorth", "switzerlandwest"],
  ["uaenorth", "uaecentral"],
  ["uksouth", "ukwest"],
  ["westcentralus", "westus2"],
];

/** The region that a geo-redundant vault here replicates to; undefined where Azure has no pair. */
export function pairedRegionOf(location: string): string | undefined {
  const region = location.replaceAll(" ", "").toLowerCase();
  const pair = pairs.find(([a, b]) => a === region || b === region);
  return pair?.find((name) => name !== region);
}
