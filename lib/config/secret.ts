/** What keys and tokens look like, of Supabase and elsewhere. */
export const SECRET = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\bsb(?:p|_[a-z]+)_[\w-]+/g;
