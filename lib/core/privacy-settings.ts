/** What is looked for before anything is stored, by the names that sync.yaml and comments in a text have for it. */
export const DETECTOR_NAMES = ['email', 'phone', 'card', 'iban', 'national-id', 'ip', 'home', 'secret'] as const;

/** One kind of value that says who somebody is, or lets somebody in. */
export type DetectorName = (typeof DETECTOR_NAMES)[number];

/** What becomes of a value that was found: it is replaced, what holds it is refused, it is told of, or nobody looks for it. */
export const PRIVACY_ACTIONS = ['redact', 'block', 'warn', 'off'] as const;

export type PrivacyAction = (typeof PRIVACY_ACTIONS)[number];

/** How texts are scrubbed: `privacy:` in sync.yaml. */
export interface PrivacySettings {
  readonly detectors: Readonly<Record<DetectorName, PrivacyAction>>;
  /** The country whose telephone numbers may be written without `+`, such as `DE`; null for none. */
  readonly country: string | null;
  /** What is left as it is. */
  readonly allow: {
    /** As they are written; upper and lower case are the same. */
    readonly values: readonly string[];
    /** Those of e-mail addresses; each stands for its subdomains as well. */
    readonly domains: readonly string[];
    /** Below `.agent/cache`: a file, or a folder that ends in `/`. */
    readonly paths: readonly string[];
  };
}

/** What a project goes by that says nothing else. A public IP address is as a rule a server's. */
export const PRIVACY_DEFAULTS: PrivacySettings = {
  detectors: {
    email: 'redact',
    phone: 'redact',
    card: 'redact',
    iban: 'redact',
    'national-id': 'redact',
    ip: 'warn',
    home: 'redact',
    secret: 'redact',
  },
  country: null,
  allow: { values: [], domains: [], paths: [] },
};
