/**
 * The Redis client, as a module of our own to be loaded late: of a CommonJS package that is imported so, the bundler knows the
 * default export only.
 */
export { Redis } from 'ioredis'
