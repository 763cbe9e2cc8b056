#!/usr/bin/env node
// What `ao-server` and `ao-record` start. Written so that a Node of any age parses it: an old one has to say so in a
// sentence, before the SQLite addon is loaded, which would end it without one.
var major = parseInt(process.versions.node, 10)
if (major < 24) {
  process.stderr.write(
    'ao-server needs Node 24 or newer and this is Node ' +
      process.versions.node +
      '. Install a newer Node, or use the executable, which needs none.\n',
  )
  process.exit(1)
}
require('./main.mjs')
