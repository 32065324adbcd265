/**
 * Alphabets of names. Names become table keys and blob paths, so nothing beyond Azure's own
 * alphabets and lengths passes, in paths and in bodies alike.
 */
export const subscriptionPattern = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
export const resourceGroupPattern = /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u;
export const vaultNamePattern = /^[A-Za-z][A-Za-z0-9-]{0,48}[A-Za-z0-9]$/;
export const policyNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$/;
export const locationPattern = /^[A-Za-z0-9][A-Za-z0-9 ()-]{0,89}$/;
export const guardNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Longer than any id that Azure can make of its longest names. */
const maxResourceIdLength = 400;

/**
 * An id of any resource, such as a database: well-formed text without control characters and
 * without what a URL or a table key would read as its own.
 */
export const resourceIdPattern = new RegExp(
  `^/[^\\p{Cc}\\p{Cs}\\\\#?%|~]{1,${maxResourceIdLength - 1}}$`,
  "u",
);
