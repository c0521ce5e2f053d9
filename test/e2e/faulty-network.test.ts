/** What joins a project, fetches, pulls and pushes, in networks that break. */
import t from 'tap';
import { breakCommands, type Command } from './faulty-commands.js';

const COMMANDS: readonly Command[] = [
  {
    argv: ['sync', 'init'],
    requests: ['register_project'],
    store: 'joining',
    teammate: true,
    writes: false,
  },
  { argv: ['sync', 'fetch'], requests: ['describe', 'fetch'], store: 'ready', teammate: true, writes: false },
  { argv: ['sync', 'pull'], requests: ['describe', 'fetch'], store: 'ahead', teammate: true, writes: false },
  { argv: ['sync', 'push'], requests: ['describe', 'push'], store: 'ahead', teammate: false, writes: true },
];

await breakCommands(t, COMMANDS);
