/**
 * The top-level domains of countries, and the others in which people have their mail: `journey` in `n@pytest.mark.journey` is none.
 *
 * @see https://www.iana.org/domains/root/db
 */
const COUNTRIES =
  'ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck ' +
  'cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr ' +
  'gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls ' +
  'lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ' +
  'ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj ' +
  'tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw';
const OTHERS =
  'com org net edu gov mil int info biz name pro aero asia cat coop jobs mobi museum post tel travel xxx academy agency app art ' +
  'associates bank berlin blog business care center cloud club codes community company consulting coop design dev digital direct ' +
  'earth education email energy engineering events exchange expert finance foundation fund fyi games global group guide guru ' +
  'hamburg health help holdings hosting house institute international koeln law legal life limited live llc london love ltd ' +
  'management market marketing media money network news nyc one online ooo organic page paris partners photography plus press ' +
  'productions properties pub recipes rocks run sarl school science services shop site social software solutions space store ' +
  'studio support swiss systems team tech technology tips today tokyo tools top training university ventures video vip website ' +
  'wiki wien win work works world wtf xyz zone';

const KNOWN = new Set([...COUNTRIES.split(' '), ...OTHERS.split(' ')]);

/** Tells whether people have mail in a top-level domain, given in lower case. */
export function isTopLevelDomain(label: string): boolean {
  return KNOWN.has(label);
}
