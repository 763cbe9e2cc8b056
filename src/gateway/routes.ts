/**
 * The routes of one session: which provider is behind which path of the gateway, and the environment variables that send
 * a program's SDKs there. Both come from the provider table and the environment that the runner recorded.
 */
import { type Provider, parseBaseUrl } from './providers.ts'

export interface Route {
  /** First path segment below the session's address. */
  name: string
  provider: string
  /** Where requests go; its path has no slash at the end. */
  upstream: URL
  /** See {@link Provider.pathPrefix}; only for the provider's own address. */
  pathPrefix: string | undefined
}

export interface SessionRoutes {
  routes: Map<string, Route>
  /** Variable → route name. */
  variables: Map<string, string>
  warnings: string[]
}

type Environment = Readonly<Record<string, string>>

/**
 * A variable that the environment sets decides where its route leads, and where the provider's other ones do: programs read
 * several, one after the other. Where none is set, the table decides. Two variables of one provider with different
 * addresses get a route each.
 */
export function routesOf(providers: readonly Provider[], environment: Environment): SessionRoutes {
  const session: SessionRoutes = { routes: new Map(), variables: new Map(), warnings: [] }
  for (const provider of providers) {
    const named = (provider.variablesIfSet ?? []).filter((variable) => environment[variable]?.trim())
    for (const variable of [...provider.variables, ...named])
      addVariable(session, provider, variable, environment)
  }
  return session
}

/** The variables to set for a program whose session is served at `gatewayUrl` (no slash at the end). */
export function environmentFor(
  session: SessionRoutes,
  options: { gatewayUrl: string; environment: Environment },
): Record<string, string> {
  const set: Record<string, string> = { AO_GATEWAY_URL: options.gatewayUrl }
  for (const [variable, route] of session.variables) set[variable] = `${options.gatewayUrl}/${route}`
  return { ...set, ...withoutProxy(options.environment) }
}

/** Where a request below a route goes, or undefined when the path would leave the upstream's host. */
export function upstreamUrl(route: Route, path: string, query: string): URL | undefined {
  const prefix =
    route.pathPrefix === undefined || startsWith(path, route.pathPrefix) ? '' : `/${route.pathPrefix}`
  const base = route.upstream
  const url = URL.parse(`${base.origin}${base.pathname.replace(/\/$/, '')}${prefix}${path}${query}`)
  return url !== null && url.origin === base.origin ? url : undefined
}

// internal

function addVariable(
  session: SessionRoutes,
  provider: Provider,
  variable: string,
  environment: Environment,
): void {
  const deciding = [variable, ...provider.variables].find((name) => environment[name]?.trim())
  const address = deciding === undefined ? provider.baseUrl : (environment[deciding] ?? null)
  if (address === null) return
  const upstream = parseBaseUrl(address)
  if (upstream === undefined) {
    // Said once, of the variable that was set.
    if (deciding === variable)
      session.warnings.push(`${variable} is not an http or https address: calls that use it are not recorded`)
    return
  }
  const pathPrefix = deciding === undefined ? provider.pathPrefix : undefined
  const name = routeName(session, provider, variable, upstream)
  session.routes.set(name, { name, provider: provider.name, upstream, pathPrefix })
  session.variables.set(variable, name)
}

/** The provider's name for its first address, and for each other address a name of its own. */
function routeName(session: SessionRoutes, provider: Provider, variable: string, upstream: URL): string {
  const first = session.routes.get(provider.name)
  const same = first === undefined || first.upstream.href === upstream.href
  return same ? provider.name : `${provider.name}.${variable.toLowerCase()}`
}

function startsWith(path: string, prefix: string): boolean {
  return path === `/${prefix}` || path.startsWith(`/${prefix}/`)
}

/** A program that uses a proxy must not ask it for this machine's own addresses. */
function withoutProxy(environment: Environment): Record<string, string> {
  const proxied = PROXY_VARIABLES.some((name) => environment[name] || environment[name.toUpperCase()])
  if (!proxied) return {}
  const before = environment.no_proxy || environment.NO_PROXY
  const value = before ? `${before},127.0.0.1` : '127.0.0.1'
  return { no_proxy: value, NO_PROXY: value }
}

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy']
