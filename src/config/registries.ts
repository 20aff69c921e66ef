/**
 * The country codes whose registries sell names under a label, by the label: co.uk is one such. It is a part of the Public
 * Suffix List that the back end has all of; tests/contract/allowlist.json holds both sides to it.
 */
export const REGISTRIES: Record<string, string> = {
  ac: 'ae at bd be bw ci ck cn cr cy eg er fj fk gn id il im in ir jm jp ke kh kr lk ls ma me ml mm mu mw mz ni np nz pa pg pk pr rs rw se sz th tj tz ug uk vn za zm zw',
  co: 'ae ag am ao at az bb bd bi bj bw bz ci ck cl cm cr dm er fk gg gl gy hu id il im in io ir it je jm jp ke kh kr lc ls ma me mg mm mu mw mz na ni np nz om pg pn rs rw ss st sz th tj tm tt tz ug uk us uz ve vi za zm zw',
  com: 'ac af ag ai al am ar au aw az ba bb bd bh bi bj bm bn bo br bs bt by bz ci ck cm cn co cu cv cw cy dm do dz ec ee eg er es et fj fk fm fr ge gh gi gl gn gp gr gt gu gy hk hn hr ht im in io iq jm jo kg kh ki km kp kw ky kz la lb lc lk lr lv ly mg mk ml mm mo ms mt mu mv mw mx my na nf ng ni np nr om pa pe pf pg ph pk pl pr ps pt py qa re ro sa sb sc sd sg sh sl sn so ss st sv sy tj tm tn to tr tt tw ua ug uy uz vc ve vi vn vu ws ye zm',
  edu: 'ac af al ao ar au az ba bb bd bh bi bj bm bn bo br bs bt bz ci ck cn co cu cv cw dm do dz ec ee eg er es et fj fk fm gd ge gh gi gl gn gp gr gt gu gy hk hn ht in io iq it jm jo kg kh ki km kn kp kw ky kz la lb lc lk lr ls lv ly me mg mk ml mm mn mo ms mt mv mw mx my mz ng ni np nr om pa pe pf pg ph pk pl pn pr ps pt py qa rs sa sb sc sd sg sl sn so ss st sv sy tj tm to tr tt tw ua ug uy vc ve vg vn vu ws ye za zm',
  go: 'ci ck cr er fk id it jm jp ke kh kr mm np pg th tj tz ug',
  gov: 'ac ae af al ao ar as au az ba bb bd bf bh bm bn br bs bt bw by bz cd ck cl cm cn co cx cy cz dm do dz ec ee eg er et fj fk gd ge gh gi gn gr gu gy hk ie il in io iq ir it jm jo kg kh ki km kn kp kw kz la lb lc lk lr ls lt lv ly ma me mg mk ml mm mn mo mr ms mu mv mw my mz na ng np nr om pg ph pk pl pn pr ps pt pw py qa rs rw sa sb sc sd sg sh sl so ss sx sy tj tl tm tn to tr tt tw ua ug uk vc ve vn ws ye za zm zw',
  mil: 'ac ae al ar az ba bd bo br by ck cl cn co cy do ec eg er fj fk gh gt hn id in io iq jm jo kg kh km kr kz lv mg mm mv my mz ng ni no np nz pe pg ph pl py qa rw sh st sy tj tm to tr tt tw tz ug uy vc ve ye za zm zw',
  ne: 'ck er fk jm jp ke kh kr mm np pg tz ug us',
  net: 'ac ae af ag ai al am ar au az ba bb bd bh bj bm bn bo br bs bt bw bz ci ck cm cn co cu cv cw cy dm do dz ec eg er et fj fk fm ge gg gh gl gn gp gr gt gu gy hk hn ht id il im in io iq ir je jm jo kg kh ki kn kw ky kz la lb lc lk lr ls lv ly ma me mk ml mm mo ms mt mu mv mw mx my mz na nf ng ni np nr nz om pa pe pg ph pk pl pn pr ps pt py qa rw sa sb sc sd sg sh sl so ss st sy th tj tm tn to tr tt tw ua uk uy uz vc ve vi vn vu ws ye za zm',
  or: 'at bi ci ck cr er fk id it jm jp ke kh kr mm mu np pg th tz ug us',
  org: 'ac ae af ag ai al am ao ar au az ba bb bd bh bi bj bm bn bo br bs bt bw bz ci ck cn co cu cv cw cy dm do dz ec ee eg er es et fj fk fm ge gg gh gi gl gn gp gr gt gu gy hk hn ht hu il im in io iq ir je jm jo kg kh ki km kn kp kw ky kz la lb lc lk lr ls lv ly ma me mg mk ml mm mn mo ms mt mu mv mw mx my mz na ng ni np nr nz om pa pe pf pg ph pk pl pn pr ps pt py qa ro rs rw sa sb sc sd se sg sh sk sl sn so ss st sv sy sz tj tm tn to tr tt tw ua ug uk uy uz vc ve vi vn vu ws ye za zm zw',
};
