# ruff: noqa: E501 -- tables: a row stays on its line
"""Names of forms, finished goods, equipment and ordinary things. One row a concept, alternatives separated by "|".

`FORMS` are what a material comes as and add up (oxide, powder); `PRODUCTS` are finished goods, of which the head of the phrase counts.
`ORDINARY` are heads that make a line an ordinary article whatever it is made of or made for. `FEATURES` are properties.
"""

from typing import Final

from services.screening.domain.recognition.lexicon_elements import Names

FORMS: Final[dict[str, Names]] = {
    "ore": {
        "en": "ore",
        "de": "erz",
        "fr": "minerai",
        "es": "mineral de tierras raras|mena",
        "ja": "鉱石",
        "zh": "矿石|礦石|矿砂|礦砂|原矿|稀土矿|稀土礦",
    },
    "concentrate": {
        "en": "concentrate",
        "de": "konzentrat|erzkonzentrat",
        "fr": "concentré",
        "es": "concentrado",
        "ja": "精鉱",
        "zh": "精矿|精礦",
    },
    "metal": {
        "en": "metal|METL",
        "de": "metall|reinmetall",
        "fr": "métal|métallique",
        "es": "metal|metálico|metálica",
        "ja": "金属|メタル",
        "zh": "金属|金屬",
    },
    "alloy": {"en": "alloy|ALLY", "de": "legierung", "fr": "alliage", "es": "aleación", "ja": "合金", "zh": "合金"},
    "master_alloy": {
        "en": "master alloy|hardener alloy|prealloy",
        "de": "vorlegierung",
        "fr": "alliage mère|alliage maître|alliage-mère",
        "es": "aleación madre|aleación maestra",
        "ja": "母合金|マスターアロイ",
        "zh": "中间合金|中間合金|母合金",
    },
    "powder": {
        "en": "powder|PWD|PWDR|POWD|PDR|nanopowder|micropowder",
        "de": "pulver|feinpulver|mikropulver",
        "fr": "poudre|micropoudre",
        "es": "polvo|micropolvo",
        "ja": "粉末|パウダー|粉体|微粉|粉",
        "zh": "粉末|粉体|粉體|微粉|粉",
    },
    "scrap": {
        "en": "scrap|swarf|sludge|grinding waste|turnings|production waste|residue|offcuts|waste",
        "de": "schrott|schleifschlamm|späne|spaene|produktionsabfall|abfall|rückstand|altmaterial|reststoff",
        "fr": "déchet|rebut|boue de rectification|chute|copeaux|résidu",
        "es": "chatarra|desecho|lodo de rectificado|viruta|residuo|recorte",
        "ja": "スクラップ|屑|くず|廃材|研磨屑|スラッジ",
        "zh": "废料|廢料|废碎料|边角料|邊角料|磁泥|油泥|废磁|报废",
    },
    "ingot": {
        "en": "ingot|boule ingot|INGT",
        "de": "barren|ingot|rohblock",
        "fr": "lingot",
        "es": "lingote",
        "ja": "インゴット|地金",
        "zh": "锭|錠",
    },
    "wafer": {
        "en": "wafer|substrate|SUBSTR|WFR|WAF",
        "de": "wafer|substrat|halbleiterscheibe",
        "fr": "wafer|substrat|tranche de silicium",
        "es": "oblea|sustrato|wafer",
        "ja": "ウェハ|ウェハー|ウエハ|ウエハー|ウェーハ|ウエーハ|基板",
        "zh": "晶片|晶圆|晶圓|衬底|襯底|基板|基片",
    },
    "epitaxial_wafer": {
        "en": "epiwafer|epi wafer|epitaxial wafer|epitaxy wafer|epi substrate|epitaxial substrate|epi ready wafer stack|EPI WFR|epilayer wafer",
        "de": "epitaxiewafer|epi wafer|epiwafer|epitaxialwafer|epitaxiesubstrat",
        "fr": "plaquette épitaxiée|épiwafer|plaquette épitaxiale|wafer épitaxié|substrat d épitaxie|substrat épitaxié",
        "es": "oblea epitaxial|oblea epitaxiada|epioblea|sustrato epitaxial",
        "ja": "エピウェハ|エピウェハー|エピウエハ|エピタキシャルウェハ|エピタキシャルウェハー|エピタキシャルウエハ|エピ基板|エピタキシャル基板",
        "zh": "外延片|磊晶片|磊晶圓|外延晶片|外延晶圆|外延生长衬底|外延衬底|磊晶基板",
    },
    "single_crystal": {
        "en": "single crystal|monocrystal|monocrystalline|crystal|boule|crystal rod|laser rod|scintillator|scintillation crystal|crystal array|SGL CRYST|XTAL|SGL XTAL|CRYST",
        "de": "einkristall|kristall|laserstab|szintillator|szintillatorkristall|einkristallin",
        "fr": "monocristal|cristal|barreau laser|scintillateur|cristaux|monocristaux|monocristallin",
        "es": "monocristal|cristal|varilla láser|barra láser|centelleador|monocristalino",
        "ja": "単結晶|結晶|レーザーロッド|シンチレータ|シンチレーター",
        "zh": "单晶|單晶|晶体|晶體|激光棒|激光晶体|闪烁体|閃爍體|闪烁晶体|雷射棒|雷射晶體",
    },
    "sputtering_target": {
        "en": "sputtering target|sputter target|target sputter|target sputtering|TGT SPUTTER|TGT SPTR|SPUTTER TGT|SPTR TGT|TGT SPUT|target|TGT|PVD target|rotary target|planar target|evaporation target",
        "de": "sputtertarget|target|sputterkathode|rohrtarget|planartarget",
        "fr": "cible de pulvérisation|cible|cible PVD|cible de sputtering",
        "es": "blanco de pulverización|blanco de sputtering|cátodo de pulverización|diana de pulverización|blanco para pulverización|blanco para sputtering|blanco de pulverización catódica",
        "ja": "スパッタリングターゲット|スパッタターゲット|ターゲット材|ターゲット",
        "zh": "靶材|溅射靶|濺射靶|溅镀靶|濺鍍靶|靶",
    },
    "ceramic": {
        "en": "ceramic|sintered ceramic",
        "de": "keramik|sinterkeramik",
        "fr": "céramique",
        "es": "cerámica|cerámico",
        "ja": "セラミックス|セラミック",
        "zh": "陶瓷",
    },
    "phosphor": {
        "en": "phosphor|phosphors|luminescent material|luminophore|LED phosphor|phosphor powder|fluorescent powder|luminous powder|afterglow pigment|glow in the dark pigment|glow pigment|luminous pigment|strontium aluminate",
        "de": "leuchtstoff|leuchtpigment|luminophor|leuchtpulver|phosphoreszierendes pigment",
        "fr": "luminophore|poudre luminescente|poudre fluorescente|matériau luminescent|phosphore luminescent|pigment photoluminescent",
        "es": "luminóforo|fósforo luminiscente|polvo fluorescente|material luminiscente|polvo luminiscente|pigmento fotoluminiscente|fósforo para LED",
        "ja": "蛍光体|蛍光粉|蓄光材|発光材料",
        "zh": "荧光粉|螢光粉|荧光体|螢光體|发光材料|發光材料|发光粉|長餘輝粉|长余辉",
    },
    "catalyst": {
        "en": "catalyst|three way catalyst|TWC|washcoat|catalyst powder|catalytic material",
        "de": "katalysator|dreiwegekatalysator|katalysatorpulver|washcoat",
        "fr": "catalyseur|matériau catalytique|catalyseur trois voies",
        "es": "catalizador|material catalítico|catalizador de tres vías",
        "ja": "触媒|三元触媒",
        "zh": "催化剂|催化劑|触媒|觸媒|催化材料|催化粉体|三元催化",
    },
    "polishing_powder": {
        "en": "polishing powder|polish powder|polish PWDR|polishing PWDR|polishing compound|polishing slurry|polishing agent|CMP slurry|glass polish",
        "de": "polierpulver|poliermittel|poliersuspension|glaspolitur",
        "fr": "poudre à polir|poudre de polissage|pâte à polir|agent de polissage|suspension de polissage",
        "es": "polvo de pulido|polvo para pulir|agente de pulido|suspensión de pulido",
        "ja": "研磨材|研磨剤|研磨粉|研磨スラリー",
        "zh": "抛光粉|拋光粉|抛光液|拋光液|研磨粉|研磨液|研磨剂",
    },
    "thermal_spray_powder": {
        "en": "thermal spray powder|plasma spray powder|spray powder|thermal spraying powder|thermal barrier powder|HVOF powder|APS powder|thermal spray",
        "de": "thermospritzpulver|spritzpulver|plasmaspritzpulver|thermisches spritzpulver|wärmedämmschichtpulver",
        "fr": "poudre de projection thermique|poudre pour projection thermique|poudre de projection plasma|poudre pour projection plasma|projection thermique",
        "es": "polvo de proyección térmica|polvo para proyección térmica|polvo de proyección por plasma|proyección térmica|polvo para proyección por plasma",
        "ja": "溶射粉末|溶射用粉末|溶射材|溶射粉",
        "zh": "热喷涂粉|熱噴塗粉|热喷涂粉末|喷涂粉|噴塗粉|等离子喷涂粉|热喷涂|熱噴塗",
    },
    "optical_glass": {
        "en": "optical glass|lanthanum glass|LaK glass|LaSF glass",
        "de": "optisches glas|lanthanglas|optischem glas|optisches rohglas",
        "fr": "verre optique|verre au lanthane",
        "es": "vidrio óptico|vidrio de lantano",
        "ja": "光学ガラス|ランタンガラス",
        "zh": "光学玻璃|光學玻璃|镧玻璃|鑭玻璃",
    },
    "contrast_agent": {
        "en": "contrast agent|contrast medium|contrast media|MRI contrast|GBCA",
        "de": "kontrastmittel|MRT kontrastmittel",
        "fr": "produit de contraste|agent de contraste|produits de contraste",
        "es": "medio de contraste|agente de contraste|contraste para resonancia",
        "ja": "造影剤",
        "zh": "造影剂|造影劑|对比剂|對比劑|显影剂",
    },
    "fibre": {
        "en": "doped fibre|doped fiber|optical fibre|optical fiber|gain fiber|gain fibre|fiber|fibre|EDF|YDF",
        "de": "faser|glasfaser|dotierte faser|lichtwellenleiter",
        "fr": "fibre|fibre dopée|fibre optique",
        "es": "fibra|fibra dopada|fibra óptica",
        "ja": "ファイバ|ファイバー|光ファイバ",
        "zh": "光纤|光纖|增益光纤|纤维",
    },
    "hydrogen_storage_material": {
        "en": "hydrogen storage alloy|hydrogen storage material|metal hydride alloy|hydrogen storage",
        "de": "wasserstoffspeicherlegierung|wasserstoffspeicher legierung|wasserstoffspeichermaterial|metallhydridlegierung",
        "fr": "alliage de stockage d hydrogène|alliage pour stockage d hydrogène|stockage d hydrogène|matériau de stockage d hydrogène|alliage stockage hydrogène",
        "es": "aleación de almacenamiento de hidrógeno|aleación para almacenamiento de hidrógeno|almacenamiento de hidrógeno",
        "ja": "水素吸蔵合金|水素貯蔵合金|水素吸蔵",
        "zh": "储氢合金|儲氫合金|贮氢合金|吸氢|储氢材料|储氢|贮氢",
    },
    "magnetocaloric_material": {
        "en": "magnetocaloric|magnetic refrigerant",
        "de": "magnetokalorisch|magnetokalorisches material|magnetokalorik",
        "fr": "magnétocalorique",
        "es": "magnetocalórico|magnetocalórica",
        "ja": "磁気熱量|磁気冷凍",
        "zh": "磁热|磁熱|磁制冷|磁致冷",
    },
    "magnetostrictive_material": {
        "en": "magnetostrictive|giant magnetostrictive",
        "de": "magnetostriktiv|magnetostriktives material",
        "fr": "magnétostrictif",
        "es": "magnetostrictivo|magnetoestrictivo",
        "ja": "磁歪|超磁歪",
        "zh": "磁致伸缩|磁致伸縮|超磁致伸缩",
    },
    "reagent": {
        "en": "extractant|solvent extraction reagent|extraction reagent|flotation agent|flotation reagent|flotation collector|collector reagent",
        "de": "extraktionsmittel|flotationsmittel|flotationsreagenz|sammlerreagenz|flotationssammler",
        "fr": "extractant|agent d extraction|agent de flottation|réactif de flottation|collecteur de flottation",
        "es": "extractante|agente de extracción|reactivo de flotación|agente de flotación|colector de flotación",
        "ja": "抽出剤|浮選剤|捕収剤|浮選用捕収剤",
        "zh": "萃取剂|萃取劑|浮选剂|浮選劑|捕收剂|捕收劑|浮选药剂",
    },
}
"""By product of goods.Product; `catalyst` becomes calcined_catalyst."""

SHAPES: Final[Names] = {
    "en": "block|BLK|disc|disk|ring|segment|arc|tile|cube|cylinder|sphere|rod|bar|plate|sheet|foil|wire|tube|pellet|granule|ball|shot|piece|lump|chunk|strip|arcs|slab|billet|ribbon|sponge|needle|flakes|lumps|blank",
    "de": "block|scheibe|ring|segment|würfel|zylinder|kugel|stab|stange|platte|blech|folie|draht|rohr|granulat|granalien|stück|stücke|bogen|quader|ronde|schwamm|nadel|band|flocken",
    "fr": "bloc|disque|anneau|bague|segment|cube|cylindre|sphère|barre|barreau|plaque|tôle|feuille|fil|tube|granulé|granule|morceau|tuile|bande|grenaille|éponge",
    "es": "bloque|disco|anillo|segmento|cubo|cilindro|esfera|barra|varilla|placa|lámina|hoja|alambre|tubo|gránulo|granalla|pieza|teja|arco|tira|esponja",
    "ja": "ブロック|ディスク|リング|セグメント|円板|角板|ロッド|丸棒|棒材|板材|箔|線材|パイプ|粒|ペレット|塊|瓦形",
    "zh": "方块|方塊|圆片|圓片|圆环|圓環|瓦形|瓦片|圆柱|圓柱|方片|棒材|棒|板材|箔|丝材|丝|絲|管材|粒|颗粒|顆粒|块状|塊|毛坯",
}
"""Shapes say that something is an article or a piece, not what it is."""

PRODUCTS: Final[dict[str, Names]] = {
    "permanent_magnet": {
        "en": "neo magnet|magnet|permanent magnet|PERM MAG|MAG NDFEB|magnetic steel|magnetic ring|magnet ring|magnetic tile|arc magnet|pole magnet|bar magnet|block magnet|disc magnet|ring magnet|magnet segment|magnet block|magnet disc|multipole magnet|magnet blank|magnet material|MAGN|MGNT|MAGNT|magent|mangnet|manget|magnit|magnett|maganet",
        "de": "neomagnet|magnet|dauermagnet|permanentmagnet|supermagnet|haftmagnet|ringmagnet|scheibenmagnet|quadermagnet|blockmagnet|stabmagnet|magnetring|magnetsegment|segmentmagnet|magnetblock|magnetrohling|magnetwerkstoff|würfelmagnet",
        "fr": "aimant|aimant permanent|anneau magnétique|tuile magnétique|aimant annulaire",
        "es": "imán|imanes|imán permanente|imanes permanentes|anillo magnético|teja magnética",
        "ja": "磁石|永久磁石|マグネット|ボンド磁石|プラスチック磁石|プラマグ",
        "zh": "磁铁|磁鐵|磁钢|磁鋼|磁体|磁體|磁瓦|磁环|磁環|磁石|永磁|永磁体|永磁體|永磁材料|磁片|强磁|強磁|磁块|磁柱|吸铁石",
    },
    "rotor_or_stator_assembly": {
        "en": "rotor|stator|rotor assembly|stator assembly|rotor assy|stator assy|rotor core|magnet rotor|rotor shaft assembly|rotor stack|RTR ASSY|STTR ASSY|armature",
        "de": "rotor|stator|läufer|ständer paket|rotorbaugruppe|statorbaugruppe|rotorpaket|statorpaket|rotorwelle mit magneten|läuferpaket|magnetrotor|anker paket",
        "fr": "rotor|stator|ensemble rotor|ensemble stator|sous-ensemble rotor|rotor assemblé|induit",
        "es": "rotor|estator|conjunto rotor|conjunto estator|conjunto de rotor|rotores|estatores",
        "ja": "ローター|ロータ|ステーター|ステータ|回転子|固定子|ローターアッシー|ロータ組立品|ローター組立品|ローターアセンブリ|回転子組立",
        "zh": "转子|轉子|定子|转子组件|轉子組件|定子组件|转子总成|定子总成|轉子總成|定子總成|转子铁芯",
    },
    "motor": {
        "en": "motor|servomotor|servo motor|electric motor|stepper motor|BLDC|PMSM|brushless motor|e-motor|gear motor|gearmotor|spindle motor|linear motor|torque motor|generator|wind generator|hub motor|drive unit|actuator|voice coil actuator|MTR|alternator|fan|pump|compressor|e bike drive|traction drive|starter motor|vibration motor",
        "de": "motor|servomotor|elektromotor|schrittmotor|getriebemotor|linearmotor|torquemotor|generator|antrieb|stellantrieb|aktuator|lüfter|pumpe|kompressor|spindelmotor|nabenmotor|ventilator|windgenerator|motoren",
        "fr": "moteur|servomoteur|moteur électrique|moteur pas à pas|motoréducteur|générateur|génératrice|alternateur|actionneur|pompe|ventilateur|compresseur|moteurs",
        "es": "motor|servomotor|motor eléctrico|motor paso a paso|motorreductor|generador|alternador|actuador|bomba|ventilador|compresor|motores",
        "ja": "モーター|モータ|電動機|サーボモータ|サーボモーター|ステッピングモーター|発電機|アクチュエータ|アクチュエーター|ポンプ|ファンモーター",
        "zh": "电机|電機|马达|馬達|电动机|電動機|伺服电机|步进电机|发电机|發電機|永磁电机|执行器|水泵|风扇|压缩机|直线电机|轮毂电机|电机总成",
    },
    "loudspeaker": {
        "en": "loudspeaker|speaker|tweeter|woofer|subwoofer|SPKR|soundbar|buzzer|speaker unit|receiver capsule|microspeaker|micro speaker",
        "de": "lautspr|lautsprecher|hochtöner|tieftöner|summer|lautsprecherbox|lautsprecherchassis",
        "fr": "haut-parleur|haut parleur|enceinte|tweeter|hauts parleurs|hauts-parleurs|caisson de basses",
        "es": "altavoz|altavoces|parlante|bocina|subwoofer",
        "ja": "スピーカー|スピーカ|ツイーター|ウーファー|スピーカユニット",
        "zh": "扬声器|揚聲器|喇叭|音箱|音响|音響|低音炮|高音单元",
    },
    "headphone": {
        "en": "headphone|earphone|headset|earbud|earbuds|in-ear monitor|AirPods",
        "de": "kopfhörer|ohrhörer|headset",
        "fr": "casque audio|écouteur|écouteurs|oreillette|casque micro",
        "es": "auricular|auriculares|audífono|audífonos|cascos inalámbricos",
        "ja": "ヘッドホン|ヘッドフォン|イヤホン|イヤフォン|ヘッドセット",
        "zh": "耳机|耳機|头戴式耳机|蓝牙耳机|耳麦",
    },
    "sensor": {
        "en": "sensor|SNSR|encoder|hall sensor|position sensor|speed sensor|sensor part|pickup sensor|proximity switch|reed switch|resolver|transducer|level gauge|flow meter|flowmeter|sensor element|tachometer",
        "de": "sensor|drehgeber|geber|encoder|hallsensor|positionssensor|drehzahlsensor|näherungsschalter|reedschalter|messumformer|sensorelement|winkelgeber|raddrehzahlsensor|durchflussmesser",
        "fr": "capteur|codeur|encodeur|détecteur de proximité|capteur de position|débitmètre|transducteur",
        "es": "sensor|encóder|codificador|captador|sensores|detector de proximidad|caudalímetro|transductor",
        "ja": "センサー|センサ|エンコーダ|エンコーダー|近接スイッチ|リードスイッチ|流量計",
        "zh": "传感器|傳感器|感测器|感測器|编码器|編碼器|霍尔传感器|接近开关|流量计",
    },
    "magnetic_consumer_article": {
        "en": "phone case|phone cover|phone back plate|back plate|phone holder|phone mount|phone ring|magnetic charger|wireless charger|magsafe|magnetic toy|toy magnet|building blocks|toy|fridge magnet|refrigerator magnet|souvenir magnet|magnetic clamp|magnetic clasp|magnetic catch|cabinet catch|magnetic hook|magnetic button|magnetic closure|magnetic lock|magnetic name badge|name badge|bag clasp|jewelry clasp|jewellery clasp|magnetic bracelet|magnetic board|whiteboard magnet|tool holder strip|magnetic strip holder|knife holder|magnetic whiteboard|puzzle|tablet case|tablet cover|magnetic eyelash|magnetic screen|insect screen|wallet|magnetic welding holder|magnetic base|magnetic holder|charging cable|car mount|case with magnet|magnetic phone",
        "de": "handyrückwand|handyrückseite|smartphonerückwand|handyschale|handyhülle|smartphonehülle|handyhalter|handyhalterung|smartphonehalter|handycover|spielzeug|magnetspielzeug|kühlschrankmagnet|pinnwandmagnet|magnetclip|magnetverschluss|magnetschnäpper|magnethalter|magnethalterung|magnetleiste|magnettafel|ladegerät magnetisch|magnetladegerät|magnethaken|namensschild|magnetfuß|magnetschloss|schutzhülle|tablethülle|magnetklemme|magnetarmband|magnetbaukasten|magnetleiste messer|whiteboard",
        "fr": "coque arrière de téléphone|dos de téléphone|coque de téléphone|coque magnétique|étui de téléphone|jouet|jouet magnétique|support de téléphone|support magnétique|chargeur magnétique|chargeur sans fil|fermoir magnétique|loquet magnétique|pince magnétique|badge magnétique|crochet magnétique|magnet de frigo|coque|housse de tablette|tableau blanc|serrure magnétique",
        "es": "tapa trasera de teléfono|tapa trasera de móvil|funda de teléfono|funda magnética|funda para móvil|carcasa de móvil|carcasa de teléfono|juguete|juguete magnético|soporte magnético|soporte para móvil|cargador magnético|cargador inalámbrico|cierre magnético|pinza magnética|gancho magnético|imán de nevera|identificador magnético|carcasa magnética|pizarra magnética|funda con imán|funda para tableta",
        "ja": "スマホ背面プレート|スマホ背面カバー|スマホ背面パネル|スマホケース|携帯ケース|スマートフォンケース|磁気玩具|玩具|おもちゃ|ワイヤレス充電器|マグネット充電器|磁気クランプ|マグネットクランプ|マグネットフック|冷蔵庫マグネット|マグネットホルダー|マグネットキャッチ|タブレットケース|名札|スマホスタンド|スマホリング",
        "zh": "手机壳|手機殼|手机后盖|手机后盖板|手機後蓋|手机支架|手機支架|磁性玩具|磁力玩具|玩具|磁吸充电器|磁吸充電器|无线充电器|無線充電器|磁吸支架|冰箱贴|冰箱貼|磁性夹具|磁性夹|磁扣|磁吸扣|磁吸壳|门吸|磁性胸牌|平板保护套|磁吸",
    },
    "magnet_assembly": {
        "en": "magnet assembly|magnetic assembly|pot magnet|magnetic coupling|magnet array|magnetic separator|magnet separator|lifting magnet|magnetic chuck|magnet yoke|halbach array|voice coil magnet assembly|magnet module|MRI magnet|magnetic brake|magnetic bearing|magnetron assembly|magnetic filter|magnet bar separator|magnetic roller|magnet carrier assembly|magnetic gear",
        "de": "topfmagnet|magnetbaugruppe|magnetkupplung|magnetabscheider|magnetsystem|magnetjoch|hebemagnet|lasthebemagnet|spannmagnet|magnetspannplatte|magnetfilter|magnetlager|flachgreifer|magnetgreifer|stabgreifer|magnetwalze",
        "fr": "ensemble magnétique|sous-ensemble magnétique|aimant avec culasse|coupleur magnétique|accouplement magnétique|séparateur magnétique|aimant de levage|système magnétique|assemblage magnétique|plateau magnétique|filtre magnétique",
        "es": "conjunto magnético|ensamblaje magnético|acoplamiento magnético|separador magnético|imán de elevación|imán con carcasa|sistema magnético|plato magnético|filtro magnético",
        "ja": "磁石組立品|磁気回路|マグネットアッシー|磁石アセンブリ|マグネットアセンブリ|磁気カップリング|マグネットカップリング|磁選機|マグネットチャック|ポットマグネット|磁気軸受",
        "zh": "磁组件|磁組件|磁性组件|磁性組件|磁路组件|磁选机|磁選機|磁力联轴器|磁力吸盘|磁铁组件|磁鐵組件|磁钢组件|磁耦合器|起重磁铁|磁阵列|磁滤棒|磁力架",
    },
    "lens": {
        "en": "lens|lenses|objective|LNS|meniscus|optical window|IR window|infrared window|lens element|eyepiece|prism|beamsplitter",
        "de": "linse|objektiv|IR fenster|infrarotfenster|meniskus|prisma|strahlteiler|optisches fenster",
        "fr": "lentille|objectif optique|hublot infrarouge|fenêtre infrarouge|fenêtre optique|prisme",
        "es": "lente|lentes|objetivo óptico|ventana infrarroja|ventana óptica|prisma",
        "ja": "レンズ|赤外窓|プリズム|対物レンズ",
        "zh": "透镜|透鏡|镜头|鏡頭|镜片|鏡片|红外窗口|紅外窗口|棱镜|物镜",
    },
    "optical_blank": {
        "en": "lens blank|lenses blank|optical blank|optics blank|window blank|windows blank|prism blank|lens preform|optical preform",
        "de": "linsenrohling|optikrohling|linsenrohlinge|fensterrohling",
        "fr": "ébauche de lentille|ébauche optique|préforme de lentille",
        "es": "preforma de lente|pieza bruta de lente|preforma óptica",
        "ja": "レンズブランク|レンズ素材|光学ブランク|ブランク材",
        "zh": "透镜毛坯|透鏡毛坯|镜片毛坯|光学毛坯|镜坯|透镜坯|毛坯片",
    },
    "platelet": {"fr": "plaquette"},
    "window": {
        "en": "window",
        "de": "fenster",
        "fr": "fenêtre|hublot",
        "es": "ventana",
        "ja": "窓|ウィンドウ|ウインドウ",
        "zh": "窗口|窗片|窗",
    },
    "solar_module": {
        "en": "solar module|solar panel|PV module|photovoltaic module|solar cell|photovoltaic panel|PV panel|thin film module|solar cells",
        "de": "solarmodul|solarpanel|PV modul|photovoltaikmodul|solarzelle|dünnschichtmodul",
        "fr": "module solaire|panneau solaire|module photovoltaïque|panneau photovoltaïque|cellule solaire",
        "es": "módulo solar|panel solar|módulo fotovoltaico|panel fotovoltaico|célula solar",
        "ja": "太陽電池モジュール|ソーラーパネル|太陽電池|太陽光パネル|太陽光モジュール",
        "zh": "太阳能组件|太陽能組件|光伏组件|光伏組件|太阳能电池板|太陽能板|太阳能电池|太阳能模组|薄膜组件",
    },
    "electronic_device": {
        "en": "LED|diode|photodiode|laser diode|transistor|HEMT|MMIC|amplifier|power amplifier|RF module|integrated circuit|IC|microcontroller|laser|laser module|laser system|fiber laser|fibre laser|charger|power adapter|adapter|power supply|converter|inverter|detector|photodetector|camera|thermal camera|thermal imager|display|LCD|touchscreen|touch panel|smartphone|phone|iphone|laptop|notebook|tablet|macbook|monitor|television|TV|hard disk|hard drive|HDD|SSD|memory|DRAM|relay|contactor|optocoupler|thermoelectric module|peltier|peltier module|x-ray tube|x ray tube|lamp|bulb|light bulb|halogen lamp|luminaire|spotlight|headlamp|flashlight|capacitor|resistor|fuse|antenna|router|printer|scanner|server|PLC|thermometer|oscilloscope|MOSFET|FET|rectifier|thyristor|chip|chipset|PCB|circuit board|printed circuit|isolator|circulator|optical amplifier|EDFA|APD|avalanche photodiode|PIN photodiode|photocathode|photocathode tube|image intensifier|photomultiplier|MLCC|ceramic capacitor|multilayer capacitor|PET scanner|thermistor|varistor|oxygen sensor|lambda probe|microphone|keyboard|mouse|watch",
        "de": "leuchtdiode|diode|fotodiode|photodiode|laserdiode|transistor|verstärker|laser|lasermodul|lasersystem|faserlaser|ladegerät|netzteil|wandler|wechselrichter|detektor|kamera|wärmebildkamera|anzeige|bildschirm|smartphone|handy|telefon|laptop|festplatte|relais|schütz|peltierelement|röntgenröhre|lampe|glühlampe|glühbirne|halogenlampe|leuchte|scheinwerfer|kondensator|widerstand|sicherung|antenne|drucker|steuerung|leiterplatte|gleichrichter|mikrofon|tastatur|uhr|leuchtmittel|taschenlampe|leuchtstofflampe|leuchtstoffröhre|energiesparlampe",
        "fr": "diode|photodiode|diode laser|transistor|amplificateur|circuit intégré|laser|module laser|chargeur|alimentation électrique|adaptateur|convertisseur|onduleur|détecteur|caméra|caméra thermique|écran|téléphone|ordinateur|disque dur|relais|lampe|ampoule LED|ampoule électrique|ampoule halogène|ampoule à incandescence|luminaire|condensateur|résistance électrique|fusible|antenne|imprimante|carte électronique|tube à rayons x|clavier|montre|module peltier",
        "es": "diodo|fotodiodo|diodo láser|transistor|amplificador|circuito integrado|láser|módulo láser|cargador|fuente de alimentación|adaptador|convertidor|inversor|detector|cámara|cámara térmica|pantalla|teléfono|móvil|ordenador|portátil|disco duro|relé|lámpara|bombilla|bombilla halógena|luminaria|condensador|resistencia eléctrica|fusible|antena|impresora|placa electrónica|tubo de rayos x|micrófono|teclado|reloj|módulo peltier",
        "ja": "ダイオード|フォトダイオード|レーザーダイオード|トランジスタ|増幅器|アンプ|集積回路|レーザー装置|レーザ装置|ファイバーレーザー|充電器|アダプター|電源|インバータ|インバーター|検出器|カメラ|サーモグラフィ|ディスプレイ|スマートフォン|電話|ノートパソコン|パソコン|ハードディスク|リレー|ランプ|電球|照明|ランタン型ライト|コンデンサ|抵抗器|ヒューズ|アンテナ|プリンター|基板実装|ペルチェ|時計|蛍光灯",
        "zh": "二极管|二極體|光电二极管|激光二极管|晶体管|電晶體|三极管|放大器|集成电路|積體電路|芯片|激光器|雷射器|光纤激光器|充电器|充電器|适配器|電源供應器|电源|变换器|逆变器|逆變器|探测器|探測器|摄像机|攝影機|相机|热像仪|熱像儀|显示器|顯示器|显示屏|触摸屏|手机|手機|电脑|電腦|笔记本|硬盘|硬碟|继电器|繼電器|灯泡|燈泡|灯管|灯具|节能灯|白炽灯|卤素灯|钨丝灯|鎢絲燈|电容器|電容|电阻器|電阻|保险丝|天线|打印机|电路板|電路板|制冷片|手表",
    },
    "battery_cell": {
        "en": "battery cell|lithium ion cell|li-ion cell|lithium cell|pouch cell|prismatic cell|cylindrical cell|18650|21700|cell 18650|solid state cell|semi solid cell|lithium ion battery|li-ion battery|lithium battery|rechargeable battery|accumulator|18650 cell|21700 cell|lipo|coin cell|button cell|battery|batteries",
        "de": "batteriezelle|lithium ionen zelle|lithiumionenzelle|pouchzelle|rundzelle|knopfzelle|lithium ionen akku|lithiumakku|akku|lithium ionen batterie|batterie|li ion zelle|li ionen zelle|akkumulator|festkörperzelle",
        "fr": "cellule li ion|cellule de batterie|cellule lithium ion|batterie lithium ion|batterie lithium|accumulateur|pile bouton|cellule pouch|batterie",
        "es": "celda li ion|celda de litio|celda de batería|celda de ion litio|celda de iones de litio|batería de ion litio|batería de iones de litio|batería de litio|acumulador|pila de botón|batería|pila",
        "ja": "電池セル|リチウムイオン電池|リチウムイオンセル|リチウムイオン二次電池|パウチセル|角形セル|円筒形セル|ボタン電池|全固体電池|電池|バッテリー",
        "zh": "电芯|電芯|锂离子电池|鋰離子電池|锂电池|鋰電池|软包电池|软包电芯|方形电芯|圆柱电芯|固态电池|半固态电池|纽扣电池|蓄电池|电池|電池",
    },
    "battery_pack": {
        "en": "battery pack|battery module|accumulator pack|traction battery|power bank|powerbank|energy storage system|battery system",
        "de": "batteriepack|batteriepaket|batteriemodul|akkupack|traktionsbatterie|powerbank|batteriespeicher|akkusatz",
        "fr": "pack batterie|pack de batterie|module de batterie|batterie de traction|batterie externe|bloc batterie",
        "es": "paquete de baterías|pack de baterías|módulo de batería|batería de tracción|batería externa",
        "ja": "電池パック|バッテリーパック|バッテリモジュール|バッテリーモジュール|モバイルバッテリー|組電池",
        "zh": "电池包|電池包|电池组|電池組|电池模组|電池模組|充电宝|行動電源|动力电池包",
    },
    "cathode_material": {
        "en": "cathode material|cathode powder|cathode active material|CAM powder|positive electrode material|cathode precursor|precursor material|active material",
        "de": "kathodenmaterial|kathodenpulver|kathodenaktivmaterial|aktivmaterial|kathodenvorstufe|vorläufermaterial",
        "fr": "matériau de cathode|poudre de cathode|matériau actif de cathode|matériau cathodique|matière active cathodique|précurseur de cathode|matière de cathode",
        "es": "material de cátodo|material catódico|polvo de cátodo|material activo de cátodo|precursor de cátodo|material activo catódico",
        "ja": "正極粉末|正極粉|正極材|正極材料|正極活物質|正極前駆体|カソード材",
        "zh": "正极材料|正極材料|正极粉末|正极粉|正极活性材料|前驱体|前驅體|正极前驱体",
    },
    "anode_material": {
        "en": "anode material|anode powder|anode active material|negative electrode material|graphite anode|anode graphite|graphite anode powder|anode grade graphite",
        "de": "anodenmaterial|anodenpulver|anodenaktivmaterial|graphitanode|anodengraphit",
        "fr": "matériau d anode|poudre d anode|matériau anodique|anode en graphite|anode graphite|matière active anodique|graphite d anode",
        "es": "material de ánodo|material anódico|polvo de ánodo|ánodo de grafito|grafito para ánodo",
        "ja": "負極材|負極材料|負極活物質|黒鉛負極|グラファイト負極",
        "zh": "负极材料|負極材料|负极活性材料|石墨负极|石墨負極|负极粉",
    },
    "wire_saw": {
        "en": "wire saw|diamond wire|diamond wire saw|saw wire|diamond saw wire|wire saw wire",
        "de": "seilsäge|drahtsäge|diamantdraht|diamantdrahtsäge|sägedraht|diamantseil",
        "fr": "fil diamanté|scie à fil|fil diamant|scie à fil diamanté",
        "es": "hilo de diamante|sierra de hilo|hilo diamantado|alambre de diamante",
        "ja": "ワイヤーソー|ダイヤモンドワイヤー|ワイヤソー|ダイヤモンドワイヤ|ソーワイヤ",
        "zh": "线锯|線鋸|金刚线|金剛線|金刚石线|金刚石线锯|金剛石線",
    },
    "grinding_wheel": {
        "en": "grinding wheel|diamond wheel|abrasive wheel|cutting wheel|grinding disc|CBN wheel|diamond grinding wheel|cup wheel|diamond blade|saw blade|diamond saw blade",
        "de": "schleifscheibe|diamantscheibe|diamantschleifscheibe|trennscheibe|topfscheibe|diamanttrennscheibe|sägeblatt|diamantsägeblatt",
        "fr": "meule|meule diamant|meule diamantée|disque à tronçonner|disque diamant|disque diamanté",
        "es": "muela|muela de diamante|muela diamantada|disco de corte|disco de diamante|disco diamantado|muela abrasiva",
        "ja": "砥石|研削砥石|ダイヤモンドホイール|研削ホイール|切断砥石|ダイヤモンド砥石",
        "zh": "砂轮|砂輪|金刚石砂轮|金剛石砂輪|磨轮|切割片|锯片|金刚石锯片",
    },
    "cemented_carbide_article": {
        "en": "carbide insert|tungsten carbide insert|tungsten carbide drill|tungsten carbide drill bit|tungsten carbide end mill|tungsten carbide tip|tungsten carbide tool|tungsten carbide cutter|tungsten carbide burr|tungsten carbide die|tungsten carbide nozzle|tungsten carbide scriber|tungsten carbide blade|tungsten carbide saw blade|cemented carbide|cemented carbide insert|indexable insert|turning insert|milling insert|carbide drill|carbide end mill|end mill|drill bit|carbide rod|carbide blank|carbide tool|hardmetal|hard metal|carbide button|carbide tip|milling cutter|carbide die|carbide burr|carbide plate|carbide strip|solid carbide|carbide reamer|CARB INSERT|CARB INSRT|INSERT CARBIDE|EM CARBIDE|CARBIDE EM|CARB EM|CARB DRILL|carbide endmill|INSERT CNMG|CNMG|CCMT|DCMT|SNMG|TCMT|WNMG|APKT|DNMG|TNMG",
        "de": "hartmetall|wendeschneidplatte|schneidplatte|wendeplatte|hartmetallfräser|hartmetallbohrer|vollhartmetall|VHM|schaftfräser|VHM fräser|VHM bohrer|hartmetallstab|hartmetallrohling|hartmetalleinsatz|sinterhartmetall|fräser|bohrer",
        "fr": "carbure cémenté|plaquette de coupe|plaquette carbure|fraise carbure|foret carbure|métal dur|outil carbure|carbure fritté|plaquette de tournage|fraise en carbure|foret en carbure|carbure monobloc",
        "es": "metal duro|plaquita|plaquita de corte|inserto de carburo|fresa de carburo|broca de carburo|carburo cementado|inserto de metal duro|carburo sinterizado|plaquita de metal duro|inserto de corte|broca de metal duro|fresa de metal duro",
        "ja": "超硬合金|超硬チップ|超硬|インサートチップ|切削チップ|超硬エンドミル|超硬ドリル|エンドミル|切削インサート|スローアウェイチップ|刃先交換チップ|超硬素材",
        "zh": "硬质合金|硬質合金|硬质合金刀片|数控刀片|刀片|合金刀片|铣刀|銑刀|钻头|鑽頭|硬质合金棒|钨钢|鎢鋼|钨钢刀|球齿",
    },
    "diamond_window": {
        "en": "diamond window|diamond optic|diamond optical window|diamond dome",
        "de": "diamantfenster|diamantoptik|diamant fenster",
        "fr": "fenêtre diamant|fenêtre en diamant|hublot diamant|hublot en diamant|fenêtre de diamant",
        "es": "ventana de diamante|ventana diamante",
        "ja": "ダイヤモンド窓|ダイヤモンドウィンドウ|ダイヤモンド製窓|ダイヤモンドウインドウ",
        "zh": "金刚石窗口|金剛石窗口|钻石窗口|鑽石窗口|金刚石窗片|金刚石窗|金剛石窗",
    },
    "graphite_electrode": {
        "en": "graphite electrode|UHP electrode|furnace electrode|carbon electrode",
        "de": "graphitelektrode|grafitelektrode|ofenelektrode|kohleelektrode|UHP elektrode",
        "fr": "électrode en graphite|électrode de graphite|électrode graphite|électrode de four",
        "es": "electrodo grafito|electrodo de grafito|electrodo de horno|electrodos de grafito",
        "ja": "黒鉛電極|グラファイト電極|人造黒鉛電極",
        "zh": "石墨电极|石墨電極|炭电极|超高功率石墨电极",
    },
    "production_equipment": {
        "en": "furnace|kiln|press|centrifuge|reactor|mill|extruder|coating machine|slitting machine|winding machine|calender|calender machine|mixer|crystal grower|deposition system|CVD system|PVD system|sputtering system|MOCVD|MBE system|lathe|milling machine|machining center|grinding machine|production line|equipment|machine|separator plant|plant|crusher|stacking machine|electrolyte filling machine|formation equipment|hydraulic press|injection moulding machine|welding machine|laser cutter|robot|conveyor|dryer|boiler|autoclave|evaporator",
        "de": "ofen|drehofen|presse|zentrifuge|reaktor|mühle|extruder|beschichtungsanlage|beschichtungsmaschine|wickelmaschine|schneidemaschine|kalander|mischer|kristallziehanlage|drehmaschine|fräsmaschine|schleifmaschine|produktionslinie|anlage|maschine|brecher|hydraulikpresse|spritzgießmaschine|schweißgerät|roboter|förderband|trockner|autoklav|verdampfer|fertigungslinie|sinterofen",
        "fr": "four rotatif|four de|four à|presse|centrifugeuse|réacteur|broyeur|extrudeuse|machine d enduction|bobineuse|calandre|mélangeur|tour d usinage|fraiseuse|rectifieuse|ligne de production|équipement|machine|concasseur|robot|convoyeur|séchoir|autoclave|évaporateur",
        "es": "horno|horno rotatorio|prensa|centrífuga|reactor|molino|extrusora|máquina de recubrimiento|bobinadora|calandria|mezclador|torno|fresadora|rectificadora|línea de producción|equipo|máquina|trituradora|robot|transportador|secador|autoclave|evaporador",
        "ja": "炉|焼成炉|プレス機|プレス|遠心機|反応器|粉砕機|ミル|押出機|塗工機|巻回機|スリッター|カレンダー|混合機|ミキサー|旋盤|フライス盤|研削盤|生産ライン|製造装置|装置|設備|機械|ロボット|乾燥機",
        "zh": "窑炉|窯爐|炉|爐|回转窑|压机|壓機|压力机|离心机|離心機|反应釜|反应器|磨机|涂布机|塗佈機|卷绕机|捲繞機|叠片机|分切机|辊压机|輥壓機|混合机|搅拌机|单晶炉|車床|车床|铣床|磨床|生产线|生產線|设备|設備|机器|机械|機械|破碎机|机器人|烘干机",
    },
    "software_or_technology": {
        "en": "technology|know-how|know how|process documentation|process manual|process recipe|technical data|technical documentation|process package|drawings|blueprint|process description|process parameters|engineering drawings|technical assistance|technical service|consulting service|engineering service|software|licence software|license software|software licence|software license|process know-how|manual|training course|operator training|technical training|training session|technology transfer|technology licence|technology license|source code|simulation software|commissioning service|installation service|maintenance service|repair service|subscription",
        "de": "technologie|technische unterlagen|technische dokumentation|prozessdokumentation|verfahrensdokumentation|prozessbeschreibung|verfahrensbeschreibung|konstruktionszeichnungen|konstruktionszeichnung|zeichnungen|software|softwarelizenz|technologietransfer|technische unterstützung|schulung|lizenzpaket|prozessparameter|technische zeichnungen|verfahrenstechnik paket|inbetriebnahme|wartung|wartungsvertrag|beratung|handbuch",
        "fr": "technologie|savoir-faire|savoir faire|documentation technique|documentation de procédé|plans techniques|logiciel|licence logicielle|licence de logiciel|transfert de technologie|assistance technique|formation|paramètres de procédé|description de procédé|dossier technique|mise en service|abonnement|manuel|données techniques|plans de procédé",
        "es": "tecnología|conocimientos técnicos|documentación técnica|documentación de proceso|planos técnicos|software|licencia de software|transferencia de tecnología|asistencia técnica|formación|capacitación|parámetros de proceso|descripción del proceso|puesta en marcha|suscripción|manual técnico|datos técnicos|planos",
        "ja": "技術資料|技術データ|ノウハウ|図面|設計図|ソフトウェア|ソフトウエア|ソフト|技術移転|技術支援|プロセスデータ|工程資料|マニュアル|保守サービス|研修|技術",
        "zh": "技术资料|技術資料|技术文件|技術文件|技术图纸|图纸|圖紙|专有技术|工艺包|工藝包|工艺文件|工艺参数|软件|軟件|軟體|技术转让|技術轉讓|技术服务|技術服務|技术支持|培训|源代码|调试服务|维修服务|技术|技術",
    },
}
"""By product of goods.Product; a `window` is of diamond, of another optical material, or ordinary, a French
`platelet` (plaquette) is a wafer, a cutting insert, or ordinary."""

ORDINARY: Final[Names] = {
    "en": (
        "mechanical pencil|spacer|ductile iron|nodular iron|nodular cast iron|spheroidal graphite iron|spheroidal graphite cast iron|SG iron|grey iron|gray iron|grey cast iron|flake graphite cast iron|flake graphite iron|cast iron|compacted graphite iron|carbon black|lamp black|activated carbon|dart|steel tip darts|fishing sinker|fishing weight|sinker|jig head|training|lead sheet|lead foil|nylon|polyamide|polycarbonate|transformer|engine oil|motor oil|battery separator|separator film|separator foil|fibre preform|fiber preform|preform|catering|hotel|lounge|booking|workshop|consulting|cosmetics|welding wire|filler wire|collet|terminal block|terminal strip|SS 304|SS 316|SS 316L|SS 304L|spark plug|magnet wire|enamelled copper wire|MAG wheel|BRG|SCR HEX|HEX SCR|CBL|CBL PWR|BLT HEX|HEX BLT|GSKT|VLV|PMP|FLTR|WSHR|NUT HEX|FTG|bi metal saw|bi metal saw blade|bi metal blade|bi metal hole saw|bi metal thermometer|bi metal strip|bi metal disc|bimetal|beam|belt|girder|cable|connector|holder|carrier|bracket|screw|bolt|nut|washer|label|cleaner|housing|mount|stand|valve|solenoid|solenoid valve|electromagnet|magnetic stirrer|stirrer|stir bar|magnetic valve|"
        "switch|magnetic switch|magnetic tape|core|transformer core|gasket|seal|o-ring|bearing|shaft|gear|spring|hose|pipe|fitting|pliers|screwdriver|wrench|hammer|tool set|knife|glove|paint|lacquer|varnish|"
        "primer|ink|toner|pigment|dye|pencil|pen|paper|book|envelope|chair|desk|table|shelf|cabinet|shoe|shirt|jacket|helmet|goggles|mask|towel|soap|detergent|beeswax|oil|grease|lubricant|fuel|solder|solder paste|solder wire|brazing|"
        "brake|brake pad|brake disc|clutch|filter|tyre|tire|wheel|bicycle|car|truck|trailer|window film|door|curtain|lock|key|cup|plate rack|food|coffee|tea|wine|sugar|salt|flour|meat|fish|milk|bread|"
        "medicine|tablets|capsules|vitamin|ointment|syringe|bandage|catheter|implant|denture|dental crown|racket|golf club|golf shaft|fishing rod|ring size|necklace|earring|bracelet|jewellery|jewelry|engagement ring|"
        "steel|stainless steel|sheet metal|brass|bronze|plastic|rubber|wood|glass|crucible|thermocouple|heating element|electrode holder|welding electrode|TIG electrode|tungsten electrode|welding rod|crystal glass|crystal oscillator|quartz crystal|oscillator|resonator|"
        "license plate|service|freight|shipping|insurance|fee|deposit|discount|repair|inspection|calibration|assembly service|test service|test kit|assay kit|analysis|certificate|sample holder|drill|power drill|stapler|"
        "cement|concrete|brick|tile adhesive|adhesive|glue|tape|epoxy|resin|sealant|foam|carpet|wallpaper|rope|chain|hook|ladder|catalogue|brochure|poster|"
        "eyewash|powder coating|baking powder|washing powder|milk powder|protein powder|talcum powder|gun powder|cocoa powder|metal detector|metal shelf|metal frame|metal sheet|metal box|metal cabinet|target board|archery target|dartboard|crystal clear|alloy wheel|alloy rim|ceramic tile|ceramic mug|ceramic plate|ceramic capacitor|"
        "optical mouse|fibre optic cable|fiber optic cable|patch cord|patch cable|fibre cement|carbon fibre|carbon fiber|glass fibre|glass fiber|fiberglass|polyester fibre|concentrate juice|orange juice|sludge pump|waste bin|waste bag|scrap book|scrapbook|oxide primer|zinc oxide cream|charging station|vacuum cleaner|blade|razor|sieve|mesh screen|"
        "gold|platinum|palladium|rhodium|copper wire|copper cable|aluminium profile|aluminum profile|lead acid|lead-acid battery|water|gas|nitrogen gas|argon|helium|solvent|acetone|ethanol|acid|sulfuric acid|hydrochloric acid|caustic soda|"
        "garnet|sandpaper|sand|stone|marble|granite|diamond plate steel|diamond pattern|diamond tread|gypsum|clay|slate|membrane|heat exchanger|radiator|boiler|nozzle|hinge|handle|wheelbarrow|trolley|cart|forklift|crane|hoist|jack|vise|clamp|bench|lid|cap|cover|frame|panel|profile|rail|rack|rug|pillow|blanket|mattress|sofa|mirror|clock|toothbrush|shampoo|perfume|cosmetic|cream|lotion|lipstick"
    ),
    "de": (
        "druckbleistift|abstandshalter|sägeband|bandsägeblatt|lochsäge|sphäroguss|kugelgraphitguss|gusseisen mit kugelgraphit|gusseisen mit lamellengraphit|gusseisen mit vermiculargraphit|lamellengraphitguss|gusseisen|grauguss|gussteil|motoröl|getriebeöl|transformator|trafo|bleiblech|ruß|industrieruß|aktivkohle|dartpfeil|dartpfeile|angelblei|kabel|stecker|steckverbinder|halter|halterung|träger|winkel|schraube|bolzen|unterlegscheibe|etikett|reiniger|gehäuse|ventil|magnetventil|elektromagnet|magnetrührer|rührer|rührstab|schalter|magnetschalter|magnetband|"
        "magnetkern|ferritkern|dichtung|o-ring|lager|kugellager|welle|zahnrad|feder|schlauch|rohrleitung|zange|schraubendreher|schlüssel|hammer|werkzeug|messer|handschuh|farbe|lack|grundierung|tinte|toner|pigment|farbstoff|"
        "bleistift|stift|papier|buch|umschlag|stuhl|tisch|schreibtisch|regal|schrank|schuh|hemd|jacke|helm|brille|maske|handtuch|seife|waschmittel|waschpulver|bienenwachs|öl|fett|schmierstoff|schmiermittel|kraftstoff|lötpaste|lötdraht|lötzinn|"
        "bremse|magnetbremse|bremsscheibe|kupplung|filter|reifen|fahrrad|auto|lkw|anhänger|tür|vorhang|schloss|tasse|glas|lebensmittel|kaffee|tee|wein|zucker|salz|mehl|fleisch|fisch|milch|brot|tabletten|kapseln|salbe|spritze|pflaster|katheter|implantat|zahnkrone|"
        "schläger|golfschläger|angelrute|kette|ohrring|armband|schmuck|stahl|edelstahl|messing|bronze|kunststoff|gummi|holz|tiegel|thermoelement|heizelement|elektrodenhalter|schweißelektrode|wolframelektrode|wig elektrode|tig elektrode|schweißdraht|quarz|schwingquarz|oszillator|"
        "dienstleistung|fracht|versand|versicherung|gebühr|pfand|rabatt|reparatur|prüfung|kalibrierung|bohrmaschine|zement|beton|ziegel|fliesenkleber|kleber|klebstoff|klebeband|harz|schaum|teppich|tapete|seil|haken|katalog|poster|pulverbeschichtung|backpulver|milchpulver|"
        "metalldetektor|keramikfliese|keramikkondensator|kohlefaser|carbonfaser|glasfaserkabel|patchkabel|staubsauger|klinge|sieb|gold|platin|kupferkabel|kupferdraht|bleiakku|wasser|gas|stickstoff|argon|säure|schwefelsäure|salzsäure|aceton|sand|stein|marmor|gips|membran|"
        "wärmetauscher|düse|scharnier|griff|wagen|gabelstapler|kran|schraubstock|deckel|kappe|abdeckung|rahmen|profil|schiene|matte|kissen|matratze|spiegel|zahnbürste|kosmetik|creme|bürste|wc sitz|toilettenpapier|wc reiniger|sitz|müsli"
    ),
    "fr": (
        "portemine|porte-mine|fonte ductile|fonte nodulaire|fonte à graphite sphéroïdal|fonte à graphite lamellaire|fonte GS|fonte grise|pièce en fonte|lame de scie|noir de carbone|charbon actif|fléchette|fléchettes|plomb de pêche|câble|connecteur|porte-outil|équerre|vis|boulon|écrou|rondelle|étiquette|nettoyant|boîtier|support|vanne|électrovanne|électroaimant|agitateur magnétique|agitateur|interrupteur|noyau|noyau ferrite|joint|roulement|arbre|engrenage|ressort|tuyau|"
        "pince|tournevis|clé|marteau|couteau|gant|peinture|vernis|encre|toner|pigment|colorant|crayon|stylo|papier|livre|enveloppe|chaise|bureau|table|étagère|armoire|chaussure|chemise|veste|casque|lunettes|masque|serviette|savon|lessive|cire|huile|graisse|lubrifiant|"
        "brasure|soudure|frein|embrayage|filtre|pneu|roue|vélo|voiture|camion|remorque|porte|rideau|serrure|tasse|café|vin|sucre|sel|farine|viande|poisson|lait|comprimés|gélules|pommade|seringue|pansement|cathéter|implant|couronne dentaire|raquette|collier|"
        "boucle d oreille|bracelet|bijou|acier|inox|laiton|bronze|plastique|caoutchouc|bois|verre|creuset|thermocouple|électrode de soudage|quartz|oscillateur|service|fret|transport|assurance|remise|réparation|contrôle|étalonnage|perceuse|ciment|béton|brique|colle|adhésif|ruban|résine|"
        "mousse|tapis|corde|chaîne|crochet|échelle|catalogue|affiche|lait en poudre|détecteur de métaux|carrelage|fibre de carbone|fibre de verre|aspirateur|lame|tamis|platine|eau|gaz|azote|argon|acide|sable|pierre|marbre|plâtre|argile|membrane|échangeur|buse|charnière|poignée|chariot|grue|couvercle|cadre|profilé|rail|miroir|cosmétique|crème|brosse"
    ),
    "es": (
        "portaminas|separador|portaimanes|fundición nodular|fundición dúctil|fundición de grafito esferoidal|fundición con grafito esferoidal|hierro dúctil|hierro nodular|fundición gris|hierro fundido|hoja de sierra|negro de humo|negro de carbono|carbón activado|dardo|dardos|plomo de pesca|cable|conector|portaherramientas|escuadra|tornillo|perno|tuerca|arandela|etiqueta|limpiador|alojamiento|soporte|válvula|electroválvula|electroimán|agitador magnético|agitador|interruptor|núcleo|núcleo de ferrita|junta|rodamiento|eje|engranaje|muelle|resorte|"
        "manguera|alicates|destornillador|llave|martillo|cuchillo|guante|pintura|barniz|tinta|tóner|pigmento|colorante|lápiz|bolígrafo|papel|libro|silla|escritorio|mesa|estante|armario|zapato|camisa|chaqueta|casco|gafas|máscara|toalla|jabón|detergente|cera|"
        "aceite|grasa|lubricante|soldadura|freno|embrague|filtro|neumático|rueda|bicicleta|coche|camión|remolque|puerta|cortina|cerradura|taza|café|vino|azúcar|sal|harina|carne|pescado|leche|pan|comprimidos|cápsulas|pomada|jeringa|vendaje|catéter|implante|corona dental|"
        "raqueta|collar|pendiente|pulsera|joya|acero|latón|bronce|plástico|caucho|goma|madera|vidrio|crisol|termopar|electrodo de soldadura|cuarzo|oscilador|servicio|flete|transporte|seguro|descuento|reparación|inspección|calibración|taladro|cemento|hormigón|ladrillo|pegamento|adhesivo|"
        "cinta|resina|espuma|alfombra|cuerda|cadena|escalera|catálogo|cartel|leche en polvo|detector de metales|azulejo|fibra de carbono|fibra de vidrio|aspiradora|cuchilla|tamiz|oro|platino|agua|agua mineral|gas|nitrógeno|argón|ácido|arena|piedra|mármol|yeso|arcilla|membrana|intercambiador|boquilla|bisagra|carro|grúa|tapa|marco|perfil|espejo|cosmético|crema|cepillo"
    ),
    "ja": (
        "球状黒鉛鋳鉄|片状黒鉛鋳鉄|ダクタイル鋳鉄|ねずみ鋳鉄|鋳鉄|カーボンブラック|活性炭|ダーツ|ケーブル|コネクタ|コネクター|ホルダー|ブラケット|ねじ|ネジ|ボルト|ナット|ワッシャー|ラベル|クリーナー|バルブ|電磁弁|電磁石|スターラー|撹拌機|スイッチ|パッキン|ベアリング|軸受|シャフト|歯車|ばね|バネ|ホース|ペンチ|ドライバー|レンチ|ハンマー|ナイフ|手袋|塗料|"
        "ペンキ|コーティング剤|インク|トナー|顔料|染料|鉛筆|ペン|用紙|椅子|机|棚|靴|シャツ|ヘルメット|眼鏡|マスク|タオル|石鹸|洗剤|オイル|グリース|潤滑剤|はんだ|ブレーキ|クラッチ|フィルター|タイヤ|自転車|ドア|カーテン|鍵|カップ|コーヒー|お茶|ワイン|砂糖|小麦粉|肉|魚|"
        "牛乳|パン|錠剤|軟膏|注射器|包帯|ラケット|ネックレス|宝飾品|ジュエリー|ステンレス|真鍮|プラスチック|ゴム|木材|ガラス|るつぼ|熱電対|ヒーター|溶接棒|水晶振動子|サービス|送料|保険|手数料|修理|検査|校正|ドリル|セメント|コンクリート|接着剤|テープ|樹脂|カーペット|ロープ|フック|梯子|"
        "カタログ|炭素繊維|ガラス繊維|掃除機|窒素ガス|アルゴン|石材|熱交換器|ノズル|蝶番|台車|クレーン|蓋|カバー|フレーム|鏡|化粧品|クリーム|ブラシ|ホテルルーム|プリント用紙"
    ),
    "zh": (
        "球墨铸铁|球墨鑄鐵|球铁|灰铸铁|灰鑄鐵|铸铁|鑄鐵|球状石墨铸铁|片状石墨铸铁|炭黑|活性炭|飞镖|飛鏢|密封垫|垫片|垫圈|蓝宝石|藍寶石|电缆|電纜|线缆|连接器|連接器|支架|螺丝|螺絲|螺栓|螺母|垫圈|标签|標籤|清洁剂|外壳|外殼|阀门|閥|电磁阀|電磁閥|电磁铁|電磁鐵|磁力搅拌器|搅拌子|开关|開關|磁芯|密封圈|密封件|轴承|軸承|齿轮|弹簧|软管|钳子|螺丝刀|扳手|锤子|刀具架|手套|油漆|涂料|塗料|油墨|碳粉|颜料|染料|铅笔|鉛筆|"
        "钢笔|纸张|书|书本|椅子|桌子|书架|柜子|鞋|衬衫|头盔|眼镜|口罩|毛巾|肥皂|洗涤剂|洗衣粉|奶粉|面粉|蜂蜡|机油|润滑油|润滑脂|焊料|焊锡|焊锡膏|焊丝|刹车|制动器|离合器|滤芯|过滤器|轮胎|自行车|汽车|门窗|窗帘|锁|钥匙|杯子|咖啡|茶叶|葡萄酒|食盐|肉|鱼|牛奶|面包|药片|胶囊|软膏|注射器|绷带|"
        "球拍|项链|耳环|手镯|首饰|珠宝|不锈钢|不鏽鋼|钢材|黄铜|青铜|塑料|橡胶|木材|玻璃|坩埚|热电偶|加热元件|钨极|焊条|石英|晶振|服务费|运费|保险费|手续费|维修|检测|校准|电钻|水泥|混凝土|砖|胶水|胶带|树脂|地毯|吊钩|梯子|目录|海报|碳纤维|玻璃纤维|吸尘器|氮气|氩气|硫酸|盐酸|沙子|石材|"
        "大理石|石膏|换热器|喷嘴|铰链|手推车|起重机|盖子|框架|镜子|化妆品|面霜|牙刷"
    ),
}

CONTAINERS: Final[Names] = {
    "en": "under oil|in mineral oil|under mineral oil|under argon|box|bag|bottle|jar|drum|sack|carton|pallet|crate|tray|tank|vessel|can|container|barrel|canister|ampoule|vial|packaging|package|bucket|pail|keg|big bag|gas cylinder|case",
    "de": "unter öl|unter argon|kiste|karton|tasche|beutel|sack|flasche|palette|behälter|fass|trommel|dose|eimer|kanister|ampulle|verpackung|gasflasche|schachtel",
    "fr": "sous huile|sous argon|boîte|sac|bouteille|réservoir|fût|bidon|flacon|seau|emballage|conteneur|caisse|ampoule|ampoule scellée",
    "es": "bajo aceite|en aceite|bajo argón|caja|cartón|bolsa|botella|depósito|saco|tambor|bidón|frasco|palé|envase|contenedor|cubo|ampolla",
    "ja": "箱|袋|瓶|ドラム缶|缶|パレット|タンク|容器|段ボール|アンプル",
    "zh": "箱|袋|瓶|桶|罐|托盘|纸箱|容器|包装|包裝|安瓿",
}
"""What goods come in: a head only where nothing else is."""

FEATURES: Final[dict[str, Names]] = {
    "sintered": {
        "en": "sintered|SINT|SINTD",
        "de": "gesintert|gesinterte|gesinterter|sinter",
        "fr": "fritté|frittée|frittés|frittées",
        "es": "sinterizado|sinterizada|sinterizados",
        "ja": "焼結",
        "zh": "烧结|燒結",
    },
    "unsintered": {
        "en": "unsintered|green compact|not sintered|presintered",
        "de": "ungesintert|nicht gesintert",
        "fr": "non fritté",
        "es": "sin sinterizar|no sinterizado",
        "ja": "未焼結",
        "zh": "未烧结|未燒結",
    },
    "bonded": {
        "en": "bonded|polymer bonded|injection moulded magnet|injection molded magnet|plastic bonded|compression bonded|isotropic bonded",
        "de": "gebunden|kunststoffgebunden|gebundener|kunststoffgebundene|polymergebunden",
        "fr": "lié|liés|plasto aimant",
        "es": "aglomerado|aglomerados",
        "ja": "ボンド磁石|ボンドマグネット|ボンド",
        "zh": "粘结|黏結|粘結|注塑磁|橡胶磁",
    },
    "hot_pressed": {
        "en": "hot pressed|hot deformed|die upset",
        "de": "heißgepresst|warmgepresst",
        "fr": "pressé à chaud",
        "es": "prensado en caliente",
        "ja": "熱間加工|ホットプレス",
        "zh": "热压|熱壓|热变形",
    },
    "grain_boundary_diffused": {
        "en": "grain boundary diffused|grain boundary diffusion|GBD|grain-boundary diffused|GBDP",
        "de": "korngrenzendiffusion|korngrenzendiffundiert",
        "fr": "diffusion aux joints de grains|diffusé aux joints de grains",
        "es": "difusión en límite de grano|difundido en límite de grano|difusión de borde de grano",
        "ja": "粒界拡散",
        "zh": "晶界扩散|晶界擴散|晶界渗",
    },
    "artificial": {
        "en": "artificial|synthetic|isostatic|isomolded|isomoulded|extruded|vibromolded|vibromoulded|vibration moulded|isotropic graphite|isostatically pressed|isostatic pressed",
        "de": "künstlich|künstlicher|stranggepresst|stranggepresster|vibrationsverdichtet|synthetisch|synthetischer|isostatisch|isostatischer|kunstgraphit|isographit|feinkorngraphit",
        "fr": "artificiel|synthétique|isostatique|extrudé",
        "es": "artificial|sintético|isostático|extruido",
        "ja": "人造|合成|等方性|人工|押出",
        "zh": "人造|人工|合成|挤压石墨|模压石墨|等静压|等靜壓|等静压石墨",
    },
    "natural": {
        "en": "natural",
        "de": "natürlich|natürlicher|naturgraphit|natur",
        "fr": "naturel",
        "es": "natural",
        "ja": "天然",
        "zh": "天然",
    },
    "flake": {
        "en": "flake|flakes|FLK|crystalline flake|GRAPH FLK|FLK GRAPH",
        "de": "flocken|flockengraphit|schuppen",
        "fr": "paillettes|en paillettes|lamellaire",
        "es": "escamas|en escamas|laminar",
        "ja": "鱗片状|鱗状|りん片|鱗片",
        "zh": "鳞片|鱗片",
    },
    "spheroidised": {
        "en": "spherical|spheroidised|spheroidized|spheronised|spheronized|spherical graphite|SPG",
        "de": "sphärisch|sphärischer|sphäroidisiert|kugelgraphit pulver",
        "fr": "sphérique|sphéroïdisé|sphéroidisé",
        "es": "esférico|esferoidizado|esferoidal",
        "ja": "球状|球状化",
        "zh": "球化|球形|球状",
    },
    "expanded": {
        "en": "expanded|expandable|intumescent graphite|flexible graphite|exfoliated",
        "de": "expandiert|expandierter|blähgraphit|blähgrafit|expandierbar",
        "fr": "expansé|expansible|expandé",
        "es": "expandido|expandible",
        "ja": "膨張|膨張黒鉛|膨張化",
        "zh": "膨胀|膨脹|可膨胀|可膨胀石墨|柔性石墨",
    },
    "atomised": {
        "en": "atomised|atomized|gas atomised|gas atomized",
        "de": "verdüst|gasverdüst",
        "fr": "atomisé|atomisée",
        "es": "atomizado|atomizada",
        "ja": "アトマイズ|噴霧",
        "zh": "雾化|霧化",
    },
    "granular": {
        "en": "granular|granules|pellets|pellet|shots|ready to press|ready to press powder|rtp powder",
        "de": "granulat|granuliert|granalien",
        "fr": "granulés|granulé|grenaille",
        "es": "granulado|gránulos|granalla",
        "ja": "粒状|ペレット",
        "zh": "颗粒|顆粒|粒状",
    },
    "polycrystalline": {
        "en": "polycrystalline|polycrystal|POLY|poly crystalline|multicrystalline",
        "de": "polykristallin|polykristalliner|polykristall",
        "fr": "polycristallin|polycristal",
        "es": "policristalino|policristal",
        "ja": "多結晶",
        "zh": "多晶",
    },
    "epitaxial": {
        "en": "epitaxial|epitaxy|epi ready|epi layer|epilayer|MOCVD grown",
        "de": "epitaxie|epitaktisch",
        "fr": "épitaxié|épitaxie|épitaxial",
        "es": "epitaxial|epitaxia",
        "ja": "エピタキシャル|エピ",
        "zh": "外延|磊晶",
    },
    "semi_insulating": {
        "en": "semi insulating|semi-insulating|SI GaAs",
        "de": "semiisolierend|halbisolierend",
        "fr": "semi isolant|semi-isolant",
        "es": "semiaislante|semi aislante",
        "ja": "半絶縁性|半絶縁",
        "zh": "半绝缘|半絕緣",
    },
    "zone_refined": {
        "en": "zone refined|zone-refined|zone melted|zone levelled",
        "de": "zonengereinigt|zonengeschmolzen|zonenraffiniert",
        "fr": "raffiné par zone|fusion de zone|affiné par zone",
        "es": "refinado por zona|fusión por zona|refinado por zonas",
        "ja": "ゾーン精製|帯域精製|ゾーンメルト|帯溶融",
        "zh": "区熔|區熔",
    },
    "flat": {
        "en": "flat|planar|plano",
        "de": "flach|flaches|plan|ebene|eben|planes",
        "fr": "plat|plate|plane|plan",
        "es": "plano|plana",
        "ja": "平面|平板",
        "zh": "平面|平板|平片",
    },
    "curved": {
        "en": "curved|dome|convex|concave|hemispherical",
        "de": "gewölbt|gekrümmt|konvex|konkav|kuppel|gewölbtes|gekrümmtes",
        "fr": "courbe|courbé|bombé|bombée|convexe|concave|dôme|incurvée|incurvé",
        "es": "curvo|curva|curvada|curvado|convexo|cóncavo|domo",
        "ja": "曲面|湾曲|ドーム|凸面|凹面",
        "zh": "曲面|弧面|凸面|凹面|球罩|弯曲",
    },
    "polished": {
        "en": "polished|DSP|SSP|double side polished",
        "de": "poliert|polierte|doppelseitig poliert",
        "fr": "poli|polie|polis",
        "es": "pulido|pulida|pulidos",
        "ja": "研磨済|両面研磨|鏡面",
        "zh": "抛光|拋光|双面抛光",
    },
    "optical_grade": {
        "en": "optical grade|IR grade|infrared grade|optics grade",
        "de": "optische qualität|optisch rein|infrarotqualität",
        "fr": "qualité optique|qualité infrarouge",
        "es": "grado óptico|calidad óptica",
        "ja": "光学グレード|光学用",
        "zh": "光学级|光學級|红外级|红外光学",
    },
    "jewellery": {
        "en": "jewellery|jewelry|gem|gemstone|brilliant|brilliant cut|carat solitaire|engagement|gem quality",
        "de": "schmuck|brillant|edelstein|schmuckqualität",
        "fr": "joaillerie|bijouterie|gemme|taille brillant|qualité gemme",
        "es": "joyería|gema|talla brillante|calidad gema",
        "ja": "宝飾|宝石|ジュエリー",
        "zh": "首饰|首飾|珠宝|珠寶|宝石级|宝石",
    },
    "cvd": {"any": "CVD|PCVD"},
    "hpht": {"any": "HPHT|HTHP"},
    "coated": {
        "any": "NiCuNi|Ni Cu Ni|Ni-Cu-Ni|NICUNI|epoxy coated|Zn coated|Ni coated|parylene|Everlube|phosphated",
        "en": "coating|plating|nickel plated|nickel coated|zinc plated|coated|plated|electroplated",
        "de": "beschichtung|vernickelt|verzinkt|beschichtet|nickelbeschichtet",
        "fr": "nickelé|revêtu|zingué|nickelés",
        "es": "niquelado|recubierto|cincado|niquelados",
        "ja": "ニッケルめっき|めっき|メッキ|コーティング",
        "zh": "镀镍|鍍鎳|镀锌|鍍鋅|电镀|環氧|环氧",
    },
    "magnetised": {
        "en": "magnetised|magnetized|diametrically magnetised|axially magnetised",
        "de": "magnetisiert|aufmagnetisiert|axial magnetisiert|diametral magnetisiert",
        "fr": "aimanté|magnétisé|aimantés",
        "es": "magnetizado|imantado",
        "ja": "着磁",
        "zh": "充磁|已充磁",
    },
    "multipole": {
        "en": "multipole|multi pole|multi-pole|poles",
        "de": "mehrpolig|multipol|vielpolig",
        "fr": "multipolaire|multipôle",
        "es": "multipolar|multipolo",
        "ja": "多極|多極着磁",
        "zh": "多极|多極|多级磁环",
    },
    "mixed_anode": {
        "en": "mixed graphite|composite graphite|blended graphite|artificial natural mixed",
        "de": "mischgraphit|gemischter graphit",
        "fr": "graphite mixte|graphite mélangé",
        "es": "grafito mixto|grafito mezclado",
        "ja": "混合黒鉛|人造・天然混合|複合黒鉛",
        "zh": "混合石墨|複合石墨|复合石墨|人造石墨和天然石墨混合",
    },
    "hydroxide_precursor": {
        "any": "NCM hydroxide|NMC hydroxide|NCA hydroxide|NCM hydroxid|NMC hydroxid|NCA hydroxid",
        "en": "hydroxide precursor|nickel cobalt manganese hydroxide|nickel cobalt aluminium hydroxide|nickel cobalt aluminum hydroxide",
        "de": "hydroxidvorstufe|hydroxidvorläufer|nickel kobalt mangan hydroxid|nickel cobalt mangan hydroxid",
        "fr": "précurseur hydroxyde|hydroxyde de nickel cobalt manganèse|hydroxyde de nickel cobalt aluminium",
        "es": "precursor de hidróxido|hidróxido de níquel cobalto manganeso|hidróxido de níquel cobalto aluminio",
        "ja": "水酸化物前駆体|ニッケルコバルトマンガン水酸化物|ニッケルコバルトアルミ水酸化物",
        "zh": "氢氧化物前驱体|镍钴锰氢氧化物|鎳鈷錳氫氧化物|镍钴铝氢氧化物|鎳鈷鋁氫氧化物|三元前驱体|三元前驅體",
    },
    "calcined": {
        "en": "calcined|fired",
        "de": "kalziniert|calciniert|gebrannt|kalziniertes|kalziniertes pulver",
        "fr": "calciné|calcinée|calcinés|calcinées",
        "es": "calcinado|calcinada",
        "ja": "焼成|か焼|仮焼",
        "zh": "煅烧|煅燒|焙烧|焙燒|烧成",
    },
    "flotation_agent": {
        "en": "flotation agent|flotation reagent|flotation collector|hydroxamic acid collector|rare earth collector",
        "de": "flotationsmittel|flotationsreagenz|flotationssammler",
        "fr": "agent de flottation|réactif de flottation|collecteur de flottation",
        "es": "reactivo de flotación|agente de flotación|colector de flotación",
        "ja": "浮選剤|捕収剤|浮選用捕収剤",
        "zh": "浮选剂|浮選劑|捕收剂|捕收劑|浮选药剂",
    },
}
"""By feature of goods.FeatureName, and the stages `sintered` and `calcined`, which steer other fields."""

EQUIPMENT: Final[dict[str, Names]] = {
    "cubic_press": {
        "en": "cubic press|cubic hinge press|hinge press|hinge type press|cubic anvil press|hexahedral press|six-sided press|six sided press|belt press diamond|six anvil press|hexahedral top press",
        "de": "würfelpresse|kubische presse|sechsstempelpresse|hexaederpresse|sechsseitige presse",
        "fr": "presse cubique|presse à six faces|presse hexaédrique|presse six faces|presse à six enclumes",
        "es": "prensa cúbica|prensa de seis caras|prensa hexaédrica",
        "ja": "キュービックプレス|六面体プレス|六面プレス|キュービックアンビルプレス|六軸加圧プレス",
        "zh": "六面顶压机|六面頂壓機|六面顶|立方压机|六面顶液压机|六面頂",
    },
    "mpcvd": {
        "any": "MPCVD|MWPCVD|MPACVD|MW PCVD",
        "en": "microwave plasma CVD|microwave plasma chemical vapor deposition|microwave plasma chemical vapour deposition|microwave plasma reactor",
        "de": "mikrowellenplasma CVD|mikrowellen plasma CVD|mikrowellenplasmareaktor",
        "fr": "CVD plasma micro ondes|CVD assisté par plasma micro ondes|plasma micro ondes",
        "es": "CVD por plasma de microondas|plasma de microondas",
        "ja": "マイクロ波プラズマ",
        "zh": "微波等离子体化学气相沉积|微波等离子体|微波電漿",
    },
    "dcpcvd": {
        "any": "DCPCVD|DC PCVD|DC plasma CVD",
        "en": "direct current plasma jet CVD|DC arc plasma jet CVD|DC plasma jet|DC arc jet CVD|direct current arc plasma jet",
        "de": "gleichstrom plasma CVD|gleichstromplasma CVD|DC plasmajet|gleichstrom lichtbogen plasmajet",
        "fr": "CVD à jet de plasma continu|CVD par jet de plasma à courant continu|jet de plasma à courant continu",
        "es": "CVD por chorro de plasma de corriente continua|chorro de plasma de corriente continua",
        "ja": "直流アークプラズマジェット|直流プラズマジェット",
        "zh": "直流电弧等离子体喷射|直流电弧等离子|直流等离子体喷射|直流電弧",
    },
    "centrifugal_extractor": {
        "en": "centrifugal extractor|centrifugal extraction|annular centrifugal contactor|centrifugal contactor",
        "de": "zentrifugalextraktor|zentrifugalextraktion|zentrifugal extraktionsanlage|extraktionszentrifuge|zentrifugalextraktionsanlage",
        "fr": "extracteur centrifuge|extraction centrifuge|contacteur centrifuge",
        "es": "extractor centrífugo|extracción centrífuga|contactor centrífugo",
        "ja": "遠心抽出機|遠心抽出装置|遠心抽出",
        "zh": "离心萃取机|離心萃取機|离心萃取|離心萃取|离心萃取器",
    },
    "mixer_settler": {
        "en": "mixer settler|mixer-settler|extraction tank",
        "de": "mischabsetzer|mixer settler|misch absetz behälter",
        "fr": "mélangeur décanteur|mélangeur-décanteur",
        "es": "mezclador sedimentador|mezclador-sedimentador|mezclador decantador",
        "ja": "ミキサーセトラー|ミキサセトラ|混合沈降槽",
        "zh": "混合澄清槽|萃取槽|混合澄清萃取槽",
    },
    "ion_adsorption_leaching_plant": {
        "en": "in-situ leaching plant|ion adsorption leaching plant|ionic clay leaching plant|ion adsorption ore leaching plant|ion adsorption ore processing plant|ionic ore processing plant|heap leaching plant rare earth|ion adsorption ore plant|leach solution treatment plant",
        "de": "laugungsanlage ionenadsorption|anlage für ionenadsorptionserz",
        "fr": "installation de lixiviation ionique|installation de traitement de minerai ionique",
        "es": "planta de lixiviación iónica|planta de lixiviación in situ",
        "ja": "イオン吸着鉱処理設備|イオン鉱浸出設備",
        "zh": "离子型稀土矿富集|原地浸矿|浸矿设备|离子矿富集生产线|離子型稀土礦富集",
    },
    "rotary_kiln": {
        "en": "rotary kiln|rotary calciner|rare earth kiln|roasting kiln",
        "de": "drehrohrofen|drehofen|röstofen",
        "fr": "four rotatif|four de calcination rotatif",
        "es": "horno rotatorio|horno rotativo",
        "ja": "ロータリーキルン|回転炉",
        "zh": "回转窑|回轉窯|焙烧窑|煅烧窑",
    },
    "electrolytic_cell": {
        "en": "molten salt electrolysis cell|rare earth electrolysis cell|molten salt electrolyser|fused salt electrolysis furnace|electrolysis furnace",
        "de": "schmelzflusselektrolysezelle|schmelzflusselektrolyse|schmelzflusselektrolyseofen",
        "fr": "cellule d électrolyse en sel fondu|électrolyse en sels fondus|four d électrolyse",
        "es": "celda de electrólisis de sales fundidas|electrólisis de sales fundidas|horno de electrólisis",
        "ja": "溶融塩電解槽|溶融塩電解炉|溶融塩電解",
        "zh": "熔盐电解槽|熔鹽電解槽|熔盐电解炉|电解槽|熔盐电解",
    },
    "crystal_puller": {
        "en": "crystal puller|crystal pulling furnace|crystal growth furnace|czochralski furnace|crystal growing furnace|Czochralski puller|crystal grower",
        "de": "kristallziehanlage|kristallzuchtanlage|kristallziehofen|czochralski anlage|kristallzuchtofen",
        "fr": "four de croissance cristalline|four de tirage de cristaux|tireuse de cristaux|four czochralski",
        "es": "horno de crecimiento de cristales|horno de crecimiento cristalino|estirador de cristales|horno czochralski",
        "ja": "結晶引上げ装置|結晶育成炉|単結晶引上装置|単結晶育成炉|結晶引き上げ炉",
        "zh": "晶体生长炉|晶體生長爐|单晶炉|單晶爐|提拉炉|提拉单晶炉|晶体提拉炉",
    },
    "strip_caster": {
        "en": "strip caster|strip casting furnace|strip casting|vacuum strip casting furnace|strip casting plant",
        "de": "bandgießanlage|bandgiessanlage|strip casting anlage|strip caster|bandgießofen",
        "fr": "four de coulée en bande|coulée en bande|strip caster|strip casting",
        "es": "horno de colada en tira|colada en tira|strip caster|colada en banda",
        "ja": "ストリップキャスト炉|ストリップキャスター|ストリップキャスティング|ストリップキャスト",
        "zh": "速凝炉|速凝爐|甩带炉|速凝甩带炉|薄带连铸炉|甩帶爐|真空速凝",
    },
    "hydrogen_decrepitation_furnace": {
        "en": "hydrogen decrepitation furnace|hydrogen decrepitation|HD furnace|hydrogen crushing furnace",
        "de": "wasserstoffversprödungsofen|wasserstoffdekrepitation|hydrierofen magnet",
        "fr": "four de décrépitation à l hydrogène|décrépitation à l hydrogène",
        "es": "horno de decrepitación por hidrógeno|decrepitación por hidrógeno",
        "ja": "水素解砕炉|水素粉砕炉|水素解砕",
        "zh": "氢碎炉|氫碎爐|氢破炉|氢碎|氢破碎炉",
    },
    "jet_mill": {
        "en": "jet mill|jet milling machine|fluidized bed jet mill|nitrogen jet mill",
        "de": "strahlmühle|gegenstrahlmühle|jet mill|jetmühle",
        "fr": "broyeur à jet|broyeur à jets|broyeur à jet d air|broyeur à jet d azote",
        "es": "molino de chorro|molino de chorros|molino a chorro|molino jet",
        "ja": "ジェットミル|気流粉砕機",
        "zh": "气流磨|氣流磨|气流粉碎机|氣流粉碎機|气流磨机",
    },
    "orienting_press": {
        "en": "orienting press|alignment press|magnetic field press|magnet forming press|magnet press|powder compacting press with field|aligning field press|oriented forming press",
        "de": "magnetfeldpresse|orientierpresse|ausrichtpresse|magnetpulverpresse",
        "fr": "presse d orientation|presse sous champ magnétique|presse à champ magnétique|presse d alignement",
        "es": "prensa de orientación|prensa con campo magnético|prensa de campo magnético|prensa de alineación",
        "ja": "磁場成形機|磁場中成形プレス|磁界成形プレス|磁場プレス|配向プレス",
        "zh": "取向压机|取向成型压机|磁场成型压机|磁場成型壓機|取向成型|磁场压机|磁场取向",
    },
    "sintering_furnace": {
        "en": "sintering furnace|vacuum sintering furnace",
        "de": "sinterofen|vakuumsinterofen",
        "fr": "four de frittage|four de frittage sous vide",
        "es": "horno de sinterización|horno de sinterizado",
        "ja": "焼結炉|真空焼結炉",
        "zh": "烧结炉|燒結爐|真空烧结炉",
    },
    "grain_boundary_diffusion_equipment": {
        "en": "grain boundary diffusion equipment|grain boundary diffusion furnace|grain boundary diffusion coating line|GBD equipment|GBD furnace",
        "de": "korngrenzendiffusionsanlage|anlage zur korngrenzendiffusion|korngrenzendiffusionsofen",
        "fr": "équipement de diffusion aux joints de grains|four de diffusion aux joints de grains",
        "es": "equipo de difusión de borde de grano|equipo de difusión en límite de grano",
        "ja": "粒界拡散装置|粒界拡散炉|粒界拡散設備",
        "zh": "晶界扩散设备|晶界擴散設備|晶界扩散炉|扩散炉",
    },
    "battery_machine": {
        "en": "battery winding machine|electrode winding machine|cell stacking machine|battery stacking machine|electrolyte filling machine|battery hot press|formation and grading system|battery formation cabinet|battery formation equipment|capacity grading cabinet|electrode coating machine|cell winding machine|electrode stacking machine|cell assembly line|cathode sintering kiln|roller hearth kiln",
        "de": "zellwickelmaschine|elektrodenwickelmaschine|zellstapelmaschine|elektrolytbefüllanlage|batterieformieranlage|formieranlage|elektrodenbeschichtungsanlage|batteriezellen montagelinie|rollenherdofen|zellmontagelinie",
        "fr": "machine d enroulement de cellules|machine de remplissage d électrolyte|machine d empilage de cellules|équipement de formation de batteries|bobineuse d électrodes|bobineuse de cellules|four à rouleaux",
        "es": "máquina de bobinado de celdas|máquina apiladora de celdas|máquina de llenado de electrolito|equipo de formación de baterías|bobinadora de electrodos|bobinadora de celdas|horno de rodillos",
        "ja": "電池巻回機|電極巻回機|積層機|注液機|化成装置|充放電化成装置|電池製造装置|電解液注入機|ローラーハースキルン",
        "zh": "卷绕机|捲繞機|叠片机|疊片機|注液机|注液機|化成柜|化成分容|分容柜|热压机电芯|化成设备|辊道窑|輥道窯",
    },
    "graphitisation_furnace": {
        "en": "graphitisation furnace|graphitization furnace|box type graphitization furnace|graphite coating granulation reactor|granulation kettle|continuous graphitization furnace|vertical granulation reactor",
        "de": "graphitierungsofen|graphitierofen|grafitierungsofen",
        "fr": "four de graphitisation",
        "es": "horno de grafitización|horno de grafitado",
        "ja": "黒鉛化炉",
        "zh": "石墨化炉|石墨化爐|造粒釜|箱体石墨化炉|立式釜",
    },
}
"""By feature of goods.FeatureName; each makes the line production equipment."""
