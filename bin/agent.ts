#!/usr/bin/env node
import { main } from '../lib/cli/main.js';

const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
process.exitCode = await main(process.argv.slice(2), {
  // Node makes the stream when it is asked for, which takes 3 ms.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: abort.signal,
});
