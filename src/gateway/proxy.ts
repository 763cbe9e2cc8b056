/**
 * The HTTP proxy that a recorded program's calls would go through. The gateway makes these calls in the program's place, so it goes
 * through the same one: where there is a proxy, there is often no other way out.
 */

/** In the names that Node's agents read. */
export interface ProxySettings {
  HTTP_PROXY?: string
  HTTPS_PROXY?: string
  NO_PROXY?: string
}

/** What an environment says about proxies, and sentences about what cannot be used of it. */
export function proxyOf(environment: Readonly<Record<string, string>>): {
  settings: ProxySettings
  warnings: string[]
} {
  const settings: ProxySettings = {}
  const warnings = new Set<string>()
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY'] as const) {
    const set = variable(environment, name) ?? variable(environment, 'ALL_PROXY')
    if (set === undefined) continue
    const address = addressOf(set.value)
    if (address !== undefined) settings[name] = address
    else
      warnings.add(
        `${set.name} is not the address of an HTTP proxy: recorded calls to models go out without it`,
      )
  }
  const except = variable(environment, 'NO_PROXY')
  if (except !== undefined) settings.NO_PROXY = except.value
  return { settings, warnings: [...warnings] }
}

// internal

/** The small spelling goes before the large one, as with curl and Python. */
function variable(
  environment: Readonly<Record<string, string>>,
  name: string,
): { name: string; value: string } | undefined {
  for (const spelling of [name.toLowerCase(), name]) {
    const value = environment[spelling]?.trim()
    if (value) return { name: spelling, value }
  }
  return undefined
}

/** Programs take `proxy:8080` for an HTTP proxy. */
function addressOf(value: string): string | undefined {
  const url = URL.parse(value.includes('://') ? value : `http://${value}`)
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined
}
