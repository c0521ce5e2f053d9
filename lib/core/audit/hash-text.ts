import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { encodeUtf8 } from '../object/text.js';
import type { HashText } from './chain.js';

/** SHA-256 of a text's UTF-8, in hexadecimal digits, anywhere; a store has a faster one. */
export const hashText: HashText = (text) => bytesToHex(sha256(encodeUtf8(text)));
