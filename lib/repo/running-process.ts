/**
 * Tells whether a number is that of a process of this machine.
 *
 * @see kill(2): signal 0 asks only
 */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
