import type { CountryCode, findPhoneNumbersInText } from 'libphonenumber-js/min';
import type { Libraries } from './privacy/detector.js';
import { requireNow } from './require-now.js';

/** Which numbers are valid where: 80 KB, which few texts need. */
interface PhoneLibrary {
  readonly findPhoneNumbersInText: typeof findPhoneNumbersInText;
}

/** The libraries that detectors use, each loaded when the first text may need it. */
export const libraries: Libraries = {
  phones: () => {
    const { findPhoneNumbersInText } = requireNow('libphonenumber-js/min') as PhoneLibrary;
    return (text, country) =>
      findPhoneNumbersInText(text, country === undefined ? {} : { defaultCountry: country as CountryCode });
  },
};
