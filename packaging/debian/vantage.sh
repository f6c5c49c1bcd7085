#!/bin/sh
# No options, debugger or modules for Node from outside.
unset NODE_OPTIONS NODE_PATH
exec /usr/lib/vantage/node /usr/lib/vantage/out/headless/main.js "$@"
