/**
 * Addresses that the gateway never connects to, whatever name leads there: link-local ones, behind which cloud machines
 * offer their credentials. Names are checked when they are resolved for the connection itself, so that a name cannot
 * change its address in between.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { AppError } from '../domain/errors.ts'

export function isForbiddenAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(plain)
  return family !== 0 && FORBIDDEN.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

/** Throws `forbidden` for a URL whose host is such an address as it stands. */
export function requireAllowedHost(url: URL): void {
  if (isForbiddenAddress(url.hostname)) throw refusal(url.hostname)
}

/** `dns.lookup` for `http.request` that fails when a name leads to such an address. */
export const lookupAllowed: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...(options as LookupOptions), all: true }, (error, addresses: LookupAddress[] = []) => {
    const forbidden = addresses.some(({ address }) => isForbiddenAddress(address))
    const failure = error ?? (forbidden || addresses.length === 0 ? refusal(hostname) : null)
    if (failure !== null) callback(failure, '', 0)
    else if (options.all) callback(null, addresses)
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 0)
  })
}

// internal

const FORBIDDEN = new BlockList()
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4')
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6')
// The IPv6 addresses of the same credential services (AWS, Google Cloud): unique local, and of no other use here.
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6')
FORBIDDEN.addAddress('fd20:ce::254', 'ipv6')

function refusal(host: string): AppError {
  return new AppError('forbidden', `the gateway does not forward to ${host}: a link-local address`)
}
