-- Which names may stand in a tree, and which commits can be shown: the rules of lib/core/object/portable-name.ts, fold-case.ts and
-- commit.ts. What is here already is not looked at again: a rule may be younger than a project.

-- What two names have in common that are one on some disk. The letters are those of lib/core/object/fold-case.ts: the lower()
-- of a database depends on its locale and version.
create function agent_sync.fold_name(name text) returns text
language sql immutable set search_path = '' as $$
  select translate(
    normalize(regexp_replace(name, '[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]', '', 'g'), NFD),
    'ABCDEFGHIJKLMNOPQRSTUVWXYZµÆÐØÞĐĦıĲĿŁŊŒŦſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǄǅǇǈǊǋǤǱǲǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈ'
      || 'ɊɌɎͰͲͶͿΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςϏϐϑϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϴϵϷϹϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠ'
      || 'ѢѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃ'
      || 'ՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖẞỺỼỾⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅬⅭⅮⅯⒶⒷⒸⒹⒺⒻⒼⒽⒾⒿⓀⓁⓂⓃⓄⓅⓆⓇⓈⓉⓊⓋⓌⓍⓎⓏＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ',
    'abcdefghijklmnopqrstuvwxyzμæðøþđħiĳŀłŋœŧsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭʈʊʋƴƶʒƹƽǆǆǉǉǌǌǥǳǳƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉ'
      || 'ɋɍɏͱͳͷϳαβγδεζηθικλμνξοπρστυφχψωσϗβθφπϙϛϝϟϡϣϥϧϩϫϭϯκρθεϸϲϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡ'
      || 'ѣѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճ'
      || 'մյնշոչպջռսվտրցւփքօֆßỻỽỿⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻⅼⅽⅾⅿⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙⓚⓛⓜⓝⓞⓟⓠⓡⓢⓣⓤⓥⓦⓧⓨⓩａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ');
$$;

-- Names that Windows gives to devices, in any folder and with any extension.
create function agent_sync.is_device(name text) returns boolean
language sql immutable set search_path = '' as $$
  select lower(name collate "C") ~ '^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\.|$)';
$$;

-- Git's own folder, and the file that it takes addresses of other repositories from, as HFS+ (which ignores some characters) and
-- NTFS (short names, streams, trailing dots) take them.
create or replace function agent_sync.is_git_folder(name text) returns boolean
language sql immutable set search_path = '' as $$
  select lower(regexp_replace(name, '[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]', '', 'g') collate "C")
    ~ '^((\.git|git~1)[ .]*(:|$)|(\.gitmodules|gitmod~[1-4]|gi7eba~[1-9])$)';
$$;

create or replace function agent_sync.tree_references(body bytea) returns table (target bytea, target_type text)
language plpgsql immutable rows 20 set search_path = '' as $$
declare
  size integer := length(body);
  at integer := 1;
  head bytea;
  space integer;
  nul integer;
  mode text;
  name text;
  names text[] := '{}';
  sort_key bytea;
  previous bytea := '';
  twin text;
begin
  while at <= size loop
    -- The longest mode, a space, the longest name, NUL.
    head := substring(body from at for 6 + 1 + 255 + 1);
    space := position('\x20'::bytea in head);
    nul := position('\x00'::bytea in head);
    if space < 2 or nul < space or at + nul + 19 > size then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a tree is cut short, or has a name longer than 255 bytes');
    end if;
    mode := encode(substring(head for space - 1), 'escape');
    name := convert_from(substring(head from space + 1 for nul - space - 1), 'UTF8');
    if mode not in ('100644', '100755', '40000') then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED',
        format('a tree has an entry of mode ''%s'', which is neither file nor folder', mode));
    elsif name = '' or octet_length(name) > 255
      -- The last of these holds '.' and '..' as well.
      or name ~ '[\x01-\x1f\x7f-\x9f/\\:]|[. ]$'
      -- Only names that begin like this can be one of those, and to ask for each took four times as long.
      or (left(name, 1) in ('.', 'g', 'G') or ascii(name) > 126) and agent_sync.is_git_folder(name)
      or left(name, 1) in ('a', 'A', 'c', 'C', 'l', 'L', 'n', 'N', 'p', 'P') and agent_sync.is_device(name) then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', format('a tree has the unsafe name ''%s''', left(name, 80)));
    end if;
    sort_key := substring(head from space + 1 for nul - space - 1) || case mode when '40000' then '\x2f'::bytea else '' end;
    if sort_key <= previous then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', format('a tree has ''%s'' twice or out of order', left(name, 80)));
    end if;
    previous := sort_key;
    names := names || name;
    target := substring(body from at + nul for 20);
    if target = '\x0000000000000000000000000000000000000000'::bytea then
      perform agent_sync.refuse(422, 'OBJECT_MALFORMED', format('a tree has the null id for ''%s''', left(name, 80)));
    end if;
    target_type := case mode when '40000' then 'tree' else 'blob' end;
    return next;
    at := at + nul + 20;
  end loop;
  -- A file and a folder of one name differ in their sort keys.
  select min(n) into twin from unnest(names) n
    group by case when octet_length(n) = length(n) then lower(n collate "C") else agent_sync.fold_name(n) end
    having count(*) > 1 limit 1;
  if found then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED',
      format('a tree has ''%s'' twice, or another name that some disks take for it', left(twin, 80)));
  end if;
exception
  when character_not_in_repertoire then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a tree has a name that is not UTF-8');
end $$;

-- No more parents than a merge has, and dates that can be shown.
create or replace function agent_sync.commit_references(body bytea) returns table (target bytea, target_type text)
language plpgsql immutable rows 2 set search_path = '' as $$
declare
  content text;
  lines text[];
  at integer := 2;
begin
  content := convert_from(body, 'UTF8');
  lines := string_to_array(left(content, position(e'\n\n' in content) - 1), e'\n');
  while lines[at] ~ '^parent [0-9a-f]{40}$' and at <= 66 loop
    at := at + 1;
  end loop;
  if (position(e'\n\n' in content) > 0 and lines[1] ~ '^tree [0-9a-f]{40}$' and cardinality(lines) = at + 1 and at <= 66
      and agent_sync.is_signature(lines[at], 'author') and agent_sync.is_signature(lines[at + 1], 'committer')) is not true then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED',
      'a commit is not made of a tree, at most 64 parents, an author and a committer that are actors, and a message');
  end if;
  return query select decode(right(line, 40), 'hex'), case nr when 1 then 'tree' else 'commit' end
    from unnest(lines[: at - 1]) with ordinality l (line, nr);
exception
  when character_not_in_repertoire then
    perform agent_sync.refuse(422, 'OBJECT_MALFORMED', 'a commit is not UTF-8');
end $$;

create or replace function agent_sync.is_signature(line text, header text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  words text[] := string_to_array(line, ' ');
begin
  return cardinality(words) = 5 and words[1] = header
    and words[2] ~ '^[a-z0-9][a-z0-9-]*$' and length(words[2]) <= 64
    and words[3] = '<' || words[2] || '@actor.agent-sync.invalid>'
    and words[4] ~ '^(0|[1-9][0-9]*)$' and length(words[4]) <= 12
    and words[5] ~ '^[+-][0-9][0-9][0-5][0-9]$' and words[5] <> '-0000';
end $$;

revoke all on all functions in schema agent_sync from public, anon;
