import type { Detector, Match } from './detector.js';

/** The names of people in the paths of their home directories; the rest of the path stays. */
export const homeDetector: Detector = { name: 'home', replacement: 'REDACTED-USER', find };

/** Absolute, so that `src/home/page.ts` and `https://host/home/x/` are not meant; also as WSL and git's shell see drives of Windows. */
const UNIX =
  /(?<![A-Za-z0-9]_|[A-Za-z0-9.~})\]%$-])(?:file:\/\/)?(?:(?:\/var)?\/home|(?:(?:\/mnt)?\/[a-z])?\/Users)\/([A-Za-z_][\w.-]{0,62})(?=\/)/g;
const WINDOWS = /(?<![A-Za-z])[A-Za-z]:(?:\\\\?|\/)Users(?:\\\\?|\/)([A-Za-z_][\w.-]{0,62})(?=[\\/])/g;

function find(text: string): Match[] {
  if (!text.includes('/home/') && !text.includes('Users')) return [];
  return [...text.matchAll(UNIX), ...text.matchAll(WINDOWS)]
    .flatMap(({ 0: written, 1: name = '', index }) => {
      const end = index + written.length;
      return NOBODYS.has(name.toLowerCase())
        ? []
        : [{ start: end - name.length, end, reason: 'user name in the path of a home directory' }];
    })
    .sort((a, b) => a.start - b.start);
}

/** Accounts of machines and images, names that stand for anybody, and pages of web sites. */
const NOBODYS = new Set(
  (
    'user username users you your yourname your-name your_name your-user name me myuser someone somebody foo bar alice bob carol ' +
    'runner runneradmin ubuntu debian fedora centos rocky admin administrator ec2-user azureuser opc root node app deploy deployer ' +
    'git jenkins circleci travis codespace vscode gitpod vagrant docker pi linuxbrew nonroot jovyan coder dev developer devuser ' +
    'agent claude codex postgres www www-data nobody shared public guest default all.users builder build ci test tester testuser ' +
    'page pages index dashboard settings components assets about login example project redacted-user'
  ).split(' '),
);
