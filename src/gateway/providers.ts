/**
 * The provider table: which environment variables SDKs read for a provider's base URL, and where that provider is when
 * the variable is not set. The one place to change when an SDK learns a new variable.
 *
 * Users add their own in `providers.json` in AO_HOME:
 * `{"providers": [{"name": "corp", "base_url": "https://llm.corp.example/v1", "variables": ["CORP_BASE_URL"]}]}`
 * An entry with a known name adds its variables and replaces the address.
 */
import { isObject, objectsOf, parseJson } from './json-text.ts'
import { isProgramRequest } from './program-requests.ts'

export interface Provider {
  /** The path segment of the gateway's address, and what nodes show. */
  name: string
  /** Where SDKs send requests when none of the variables is set; null for providers that have no common address. */
  baseUrl: string | null
  /** Set for every program. Their SDKs all mean the same by them. */
  variables: readonly string[]
  /** Set only where the environment has them already: programs do not agree on what they are when they are missing. */
  variablesIfSet?: readonly string[]
  /** Begins every path below `baseUrl`; some SDKs expect it in their base URL and others add it themselves. */
  pathPrefix?: string
}

export const PROVIDERS: readonly Provider[] = [
  {
    name: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    variables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  },
  {
    name: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    variables: ['ANTHROPIC_BASE_URL'],
    variablesIfSet: ['ANTHROPIC_API_BASE', 'ANTHROPIC_API_URL'],
    pathPrefix: 'v1',
  },
  {
    name: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com',
    variables: ['GOOGLE_GEMINI_BASE_URL'],
    variablesIfSet: ['GEMINI_BASE_URL', 'GEMINI_API_BASE'],
  },
  { name: 'groq', baseUrl: 'https://api.groq.com', variables: ['GROQ_BASE_URL'] },
  { name: 'together', baseUrl: 'https://api.together.xyz/v1', variables: ['TOGETHER_BASE_URL'] },
  { name: 'cerebras', baseUrl: 'https://api.cerebras.ai', variables: ['CEREBRAS_BASE_URL'] },
  { name: 'perplexity', baseUrl: 'https://api.perplexity.ai', variables: ['PERPLEXITY_BASE_URL'] },
  { name: 'openrouter', baseUrl: 'https://openrouter.ai/api/v1', variables: ['OPENROUTER_BASE_URL'] },
  {
    name: 'xai',
    baseUrl: 'https://api.x.ai/v1',
    variables: ['XAI_BASE_URL'],
    variablesIfSet: ['XAI_API_BASE'],
  },
  onlyIfSet('google-vertex', 'GOOGLE_VERTEX_BASE_URL'),
  onlyIfSet('azure-openai', 'AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_BASE_URL'),
  onlyIfSet('mistral', 'MISTRAL_BASE_URL', 'MISTRAL_API_BASE'),
  onlyIfSet('deepseek', 'DEEPSEEK_BASE_URL', 'DEEPSEEK_API_BASE'),
  onlyIfSet('litellm', 'LITELLM_BASE_URL', 'LITELLM_PROXY_API_BASE'),
  onlyIfSet('ollama', 'OLLAMA_BASE_URL', 'OLLAMA_API_BASE'),
]

export interface ProviderTable {
  providers: Provider[]
  /** Sentences about entries of the user's file that could not be used. */
  warnings: string[]
}

/** The table with the user's additions; `text` is the content of `providers.json`, undefined when there is none. */
export function providerTable(text: string | undefined): ProviderTable {
  if (text === undefined) return { providers: [...PROVIDERS], warnings: [] }
  const file = parseJson(text)
  if (!isObject(file) || !Array.isArray(file.providers)) {
    return { providers: [...PROVIDERS], warnings: ['providers.json: expected {"providers": […]}'] }
  }
  const providers = new Map(PROVIDERS.map((provider) => [provider.name, provider]))
  const warnings: string[] = []
  for (const [index, entry] of objectsOf(file.providers).entries()) {
    const added = providerOf(entry)
    if (typeof added === 'string') {
      warnings.push(`providers.json: entry ${index + 1}: ${added}`)
      continue
    }
    const known = providers.get(added.name)
    const variables = new Set([...(known?.variables ?? []), ...added.variables])
    providers.set(added.name, { ...added, ...pick(known), variables: [...variables] })
  }
  return { providers: [...providers.values()], warnings }
}

/** A base URL that can be forwarded to; undefined for anything but http(s) without user name, query and fragment. */
export function parseBaseUrl(value: string): URL | undefined {
  const url = URL.parse(value.trim())
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return plain ? url : undefined
}

// internal

function onlyIfSet(name: string, ...variablesIfSet: string[]): Provider {
  return { name, baseUrl: null, variables: [], variablesIfSet }
}

function pick(known: Provider | undefined): Pick<Provider, 'variablesIfSet'> {
  return known?.variablesIfSet === undefined ? {} : { variablesIfSet: known.variablesIfSet }
}

/** The provider of one entry, or what is wrong with it. */
function providerOf(entry: Record<string, unknown>): Provider | string {
  const { name, base_url, variables } = entry
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) {
    return 'name must be 1 to 64 of a–z 0–9 . _ -'
  }
  if (isProgramRequest(name)) return `name must not be ${name}`
  if (typeof base_url !== 'string' || parseBaseUrl(base_url) === undefined) {
    return 'base_url must be an http or https address'
  }
  const names = Array.isArray(variables) ? variables : []
  const usable = names.every((variable) => typeof variable === 'string' && /^[A-Za-z_]\w*$/.test(variable))
  if (names.length === 0 || !usable) return 'variables must be a list of names of environment variables'
  return { name, baseUrl: base_url, variables: names as string[] }
}
