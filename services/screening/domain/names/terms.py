"""Words of names in English and Chinese: regions, industries and what firms call themselves, with both languages indexed.

A line reads `Chinese words = English words`; any of the one side may stand for any of the other. The first English word is the one that a
name's words are reduced to (`technologies`, `tech`, `techno` → `technology`), so that abbreviations meet their long forms.
Written for this product from general knowledge of both languages.
"""

from typing import Final

_REGIONS: Final = """
中国,中华,华 = china chinese prc sino zhongguo
美国,美利坚,美 = america american usa us
英国 = britain british uk england english
德国 = germany german deutschland deutsche
法国 = france french
日本,日 = japan japanese nippon nihon
韩国,大韩 = korea korean hanguk
朝鲜 = dprk
台湾,台 = taiwan taiwanese
香港,港 = hongkong
澳门 = macau macao
新加坡 = singapore
马来西亚 = malaysia malaysian
印度尼西亚,印尼 = indonesia indonesian
印度 = india indian
泰国 = thailand thai
越南 = vietnam vietnamese
菲律宾 = philippines philippine
俄罗斯,俄国 = russia russian rossiya
乌克兰 = ukraine ukrainian
白俄罗斯 = belarus belarusian
哈萨克斯坦 = kazakhstan
土耳其 = turkey turkish turkiye
伊朗 = iran iranian
伊拉克 = iraq iraqi
叙利亚 = syria syrian
以色列 = israel israeli
阿联酋 = uae emirates
迪拜 = dubai
沙特 = saudi
埃及 = egypt egyptian
巴基斯坦 = pakistan pakistani
澳大利亚,澳洲 = australia australian
新西兰 = newzealand
加拿大 = canada canadian
墨西哥 = mexico mexican
巴西 = brazil brazilian brasil
阿根廷 = argentina argentine
智利 = chile chilean
古巴 = cuba cuban
委内瑞拉 = venezuela venezuelan
意大利 = italy italian italia
西班牙 = spain spanish espana
葡萄牙 = portugal portuguese
荷兰 = netherlands dutch holland
比利时 = belgium belgian
瑞士 = switzerland swiss
瑞典 = sweden swedish
挪威 = norway norwegian
丹麦 = denmark danish
芬兰 = finland finnish
波兰 = poland polish polska
捷克 = czech czechia
奥地利 = austria austrian
匈牙利 = hungary hungarian
希腊 = greece greek
爱尔兰 = ireland irish
立陶宛 = lithuania lithuanian
欧洲,欧 = europe european
欧盟 = eu
亚洲,亚太 = asia asian
非洲 = africa african
太平洋 = pacific
大西洋 = atlantic
中东 = mideast
北京,京 = beijing peking
上海,沪 = shanghai
天津 = tianjin
重庆 = chongqing
深圳 = shenzhen
广州 = guangzhou canton
广东,粤 = guangdong
东莞 = dongguan
珠海 = zhuhai
佛山 = foshan
浙江 = zhejiang
杭州 = hangzhou
宁波 = ningbo
温州 = wenzhou
江苏 = jiangsu
南京 = nanjing
苏州 = suzhou
无锡 = wuxi
常州 = changzhou
山东 = shandong
青岛 = qingdao tsingtao
济南 = jinan
烟台 = yantai
福建 = fujian
厦门 = xiamen
福州 = fuzhou
湖北 = hubei
武汉 = wuhan
湖南 = hunan
长沙 = changsha
四川 = sichuan
成都 = chengdu
陕西 = shaanxi
西安 = xian
河南 = henan
郑州 = zhengzhou
河北 = hebei
山西 = shanxi
辽宁 = liaoning
沈阳 = shenyang
大连 = dalian
吉林 = jilin
长春 = changchun
黑龙江 = heilongjiang
哈尔滨 = harbin
安徽 = anhui
合肥 = hefei
江西 = jiangxi
赣州 = ganzhou
南昌 = nanchang
广西 = guangxi
云南 = yunnan
贵州 = guizhou
甘肃 = gansu
新疆 = xinjiang
内蒙古 = innermongolia neimenggu
包头 = baotou
宁夏 = ningxia
青海 = qinghai
海南 = hainan
西藏 = tibet xizang
东京 = tokyo
大阪 = osaka
台北 = taipei
高雄 = kaohsiung
新竹 = hsinchu
莫斯科 = moscow moskva
东 = eastern east
西 = western west
南 = southern south
北 = northern north
中部 = central
"""

_WORDS: Final = """
技术,科技,工艺 = technology technologies tech technical techno technique techniques teknoloji tekhnologii technologie technik tecnologia
科学 = science sciences scientific
研究所,研究院,研究 = research researching
院,学院,研究所 = institute institut institution instituto inst
研究中心,中心 = center centre centr centro zentrum
实验室 = laboratory laboratories lab labs laboratoire
大学 = university universitet universitat univ universite
学校 = school college academy
科学院 = academy
工业,实业,产业 = industry industries industrial ind industrie indus industria
制造,制作 = manufacturing manufacture manufacturer manufacturers mfg manuf mfr
生产 = production product products producing prod
工程 = engineering engineers engineer eng engrg
设计 = design designs
开发,发展 = development dev develop developments
电子 = electronics electronic elec electron elektronik elektronika
电气,电机,电器 = electric electrical electrics elektro elektrik
电力,动力 = power powers
能源 = energy energies energo
石油,油气 = petroleum oil
天然气,燃气 = gas gaz
化工,化学 = chemical chemicals chemistry chem chemie khim
材料 = material materials
新材料 = advancedmaterial
金属 = metal metals
稀土 = rareearth
钢铁,钢 = steel steels
铝业,铝 = aluminium aluminum
钨业,钨 = tungsten
钼业,钼 = molybdenum
铜业,铜 = copper
矿业,矿产 = mining mine mines minerals
磁性材料,磁材 = magneticmaterial
磁性,磁体,磁铁 = magnet magnetic magnetics magnets
机械,机器 = machinery machine machines machining mechanical maschinenbau
重工,重工业 = heavyindustry
设备,装备,器材 = equipment equipments equip hardware
仪器,仪表 = instrument instruments instrumentation
精密 = precision
工具 = tool tools tooling
电动机,马达 = motor motors
汽车 = automotive automobile auto car motor motors
车辆 = vehicle vehicles
发动机,引擎 = engine engines
铁路,铁道 = railway rail railroad railways
船舶,造船 = shipbuilding shipyard ship ships ship-building
航运,海运,船务 = shipping marine maritime
海事,海洋 = maritime marine ocean oceanic sea
航空 = aviation aeronautical aeronautics aero airlines air airline airways avia
航天 = aerospace space astronautics astronautical
航空航天 = aerospace
宇航 = aerospace astronautics space
飞机 = aircraft airplane aircrafts
无人机 = drone drones uav unmanned
卫星 = satellite satellites
导航 = navigation
雷达 = radar
导弹 = missile missiles
武器,军械,兵器 = weapon weapons ordnance arms armament
军事,军用,军 = military army
国防,防务,防卫,防御 = defense defence defensive
安全,保安,安防 = security secure safety
战术 = tactical
作战 = combat
火控 = firecontrol
海军 = naval navy
空军 = airforce
地面,陆地 = land ground
系统 = system systems sys sistem sistemy systeme
网络 = network networks net networking
信息,资讯 = information info
数据 = data
软件 = software soft
计算机,电脑 = computer computing computers
云 = cloud
智能 = intelligent smart intelligence
人工智能 = ai
数字,数码 = digital
通信,通讯 = communication communications comm telecommunication telecommunications telecom telekom
电信 = telecommunication telecommunications telecom
移动 = mobile
无线 = wireless
传感器,传感 = sensor sensors sensing
芯片,集成电路 = chip ic
半导体 = semiconductor semiconductors
微电子 = microelectronics microelectronic
光电 = optoelectronics photoelectric optoelectronic
光学 = optics optical optic
激光 = laser lasers
光子 = photonics photonic
量子 = quantum
核 = nuclear
核能,原子能 = nuclear atomic
原子 = atomic atomics
生物 = biological bio biotech biology
医药,制药,药业 = pharmaceutical pharmaceuticals pharma
医疗 = medical medicine
健康 = health
农业 = agricultural agriculture agro
食品 = food foods
建筑,建设,建工 = construction construct build building builders constructions
房地产,置业 = realestate property properties
投资 = investment investments invest investing
资本 = capital
资产 = asset assets
基金 = fund funds
基金会 = foundation
信托 = trust trusts
金融,财务 = finance financial
银行 = bank banks banking banco banque bankas
保险 = insurance assurance
证券 = securities
贸易,商贸,经贸 = trading trade trades torg commerce commercial
进出口 = importexport
出口 = export exports
进口 = import imports
国际 = international intl internat internasional internacional
全球,环球,寰球 = global globe worldwide
世界 = world
国家 = national state nacional
国有 = state
人民 = people peoples
联邦 = federal
中央 = central
地方 = local
政府 = government
部,司 = department dept ministry
局 = bureau agency administration
委员会 = commission committee council
协会 = association assoc assn society
联盟 = alliance coalition league union
联合 = united joint union associated allied
合资,合营 = jointventure
合作 = cooperation cooperative
组织 = organization organisation org
机构 = agency organization
企业 = enterprise enterprises entreprise
集团 = group groups grp gruppe grupo groupe gruppa
控股 = holding holdings hldgs
管理 = management managing mgmt mgt
咨询,顾问 = consulting consultancy consultants consultant advisory
服务 = service services svc svcs srvces servicios servis srvs
解决方案,方案 = solution solutions
物流 = logistics logistic
运输 = transport transportation trans transports
货运,货代 = freight cargo forwarding
供应链 = supplychain
供应 = supply supplies supplier
销售 = sales sale marketing
分销 = distribution distributor distributors
维修,维护 = maintenance repair overhaul
支持 = support
运营 = operation operations operating
应用 = applied application applications
先进,高级 = advanced
高新,高科技 = hitech
通用 = general universal
标准 = standard
特种,特殊 = special specialty spetsial
创新 = innovation innovations innovative
未来 = future
环境,环保 = environmental environment
水 = water
火 = fire
红 = red
蓝 = blue
绿,绿色 = green
黑 = black
白 = white
金 = gold golden
银 = silver
铁 = iron
石 = stone
山 = mountain
星 = star stars
太阳 = sun solar
太阳能,光伏 = solar photovoltaic
天空 = sky
海岸 = coast coastal
自治,自主 = autonomy autonomous
任务 = mission missions
模拟,仿真 = simulation
监控,视频 = video surveillance
维度 = dimension dimensions
民主 = democracy democratic
人权 = humanrights
自由 = freedom free liberty
和平 = peace
图书馆 = library
博物馆 = museum
媒体 = media
新闻 = news press
出版 = publishing
旅游 = tourism travel tours
酒店 = hotel hotels
娱乐 = entertainment
体育 = sports sport
纺织 = textile textiles
橡胶 = rubber
塑料 = plastics plastic
玻璃 = glass
陶瓷 = ceramics ceramic
水泥 = cement
纸业 = paper
木业 = timber wood
电池 = battery batteries
电缆 = cable cables
轴承 = bearing bearings
阀门 = valve valves
泵业 = pump pumps
焊接 = welding
铸造 = foundry casting
风险 = venture ventures risk
合伙 = partners partner partnership
第一 = first 1
第二 = second 2
新 = new novy
大 = grand great big
与,和,及 = and
分部,部门 = division
办事处 = office
分支 = branch
代表处 = representativeoffice
工厂,厂 = factory plant works zavod fabrik fabrika
商店 = store stores shop
市场 = market markets
"""

_PLAIN: Final = """
business businesses line lines plus pro one team house home life art arts shop real estate fashion foods medical charity charitable
relief islamic muslim general trading investments city port river center point north south east west northern southern eastern western
upper lower bay island islands region regional republic federation kingdom provincial province municipal sons son brothers bros
associates exchange money remittance currency transfer payment credit mortgage securities loan series backed asset share shares leasing
lease personal private public scientific complex bureau joint main club party front movement army brigade organization council
committee federal personnel education training culture cultural integrated electro ship manager tanker vessel crude star sea ocean sky
gold golden royal elite premium best modern perfect prime alpha beta delta omega mega euro inter multi uni aviatsionnyi nauchno
issledovatelskii proizvodstvennoe obedinenie predpriyatie kompaniya torgovyi dom zavod institut konstruktorskoe byuro stroitelnaya
promyshlennaya
"""

_NUMBERS: Final = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4",
    "5th": "5", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12", "xiv": "14",
    "xv": "15", "xvi": "16", "xx": "20",
}  # fmt: skip


def _lines(text: str) -> list[tuple[list[str], list[str]]]:
    pairs = []
    for line in text.strip().splitlines():
        chinese, _, english = line.partition(" = ")
        pairs.append((chinese.split(","), english.split()))
    return pairs


def _canonical() -> dict[str, str]:
    words: dict[str, str] = {}
    for _, english in (*_lines(_REGIONS), *_lines(_WORDS)):
        for word in english:
            words.setdefault(word, english[0])
    return words | _NUMBERS


REDUCED: Final = _canonical()
"""A word of a name in Latin script → the one it is compared by."""
REGIONS: Final = frozenset(english[0] for _, english in _lines(_REGIONS))
COMMON_WORDS: Final = frozenset(english[0] for _, english in _lines(_WORDS)) | frozenset(REDUCED.get(word, word) for word in _PLAIN.split())
"""Words that many names share: what a name has besides them tells it apart."""


def _meanings() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for chinese, english in (*_lines(_REGIONS), *_lines(_WORDS)):
        for term in chinese:
            found.setdefault(term, set()).update(REDUCED.get(word, word) for word in english)
    return {term: frozenset(words) for term, words in found.items()}


MEANINGS: Final = _meanings()
"""A Chinese term → the reduced English words it may stand for."""
HAN_REGIONS: Final = frozenset(term for chinese, _ in _lines(_REGIONS) for term in chinese if len(term) > 1)
LONGEST_TERM: Final = max(map(len, MEANINGS))

PHRASES: Final = {
    ("hong", "kong"): "hongkong", ("new", "zealand"): "newzealand", ("united", "states"): "america", ("united", "kingdom"): "britain",
    ("north", "korea"): "dprk", ("south", "korea"): "korea", ("inner", "mongolia"): "innermongolia", ("rare", "earth"): "rareearth",
    ("rare", "earths"): "rareearth", ("real", "estate"): "realestate", ("joint", "venture"): "jointventure",
    ("import", "export"): "importexport", ("fire", "control"): "firecontrol", ("heavy", "industry"): "heavyindustry",
    ("heavy", "industries"): "heavyindustry", ("human", "rights"): "humanrights", ("supply", "chain"): "supplychain",
    ("hi", "tech"): "hitech", ("high", "tech"): "hitech", ("air", "force"): "airforce", ("ship", "building"): "shipbuilding",
    ("saudi", "arabia"): "saudi", ("u", "s"): "america", ("artificial", "intelligence"): "ai", ("integrated", "circuit"): "ic",
}  # fmt: skip
