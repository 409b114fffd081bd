"""Country codes as senders write them: alpha-2 in either case, alpha-3, and the English names that orders and master data use.

ISO 3166-1, checked against the United Nations' M49 list on 2026-11-22. A region code is not a country: `CH` in a state field of a Mexican
address is Chihuahua, so only fields that hold countries are read here.
"""

_TABLE = (
    "AD AND AE ARE AF AFG AG ATG AI AIA AL ALB AM ARM AO AGO AQ ATA AR ARG AS ASM AT AUT AU AUS AW ABW AX ALA AZ AZE BA BIH BB BRB BD BGD "
    "BE BEL BF BFA BG BGR BH BHR BI BDI BJ BEN BL BLM BM BMU BN BRN BO BOL BQ BES BR BRA BS BHS BT BTN BV BVT BW BWA BY BLR BZ BLZ CA CAN "
    "CC CCK CD COD CF CAF CG COG CH CHE CI CIV CK COK CL CHL CM CMR CN CHN CO COL CR CRI CU CUB CV CPV CW CUW CX CXR CY CYP CZ CZE DE DEU "
    "DJ DJI DK DNK DM DMA DO DOM DZ DZA EC ECU EE EST EG EGY EH ESH ER ERI ES ESP ET ETH FI FIN FJ FJI FK FLK FM FSM FO FRO FR FRA GA GAB "
    "GB GBR GD GRD GE GEO GF GUF GG GGY GH GHA GI GIB GL GRL GM GMB GN GIN GP GLP GQ GNQ GR GRC GS SGS GT GTM GU GUM GW GNB GY GUY HK HKG "
    "HM HMD HN HND HR HRV HT HTI HU HUN ID IDN IE IRL IL ISR IM IMN IN IND IO IOT IQ IRQ IR IRN IS ISL IT ITA JE JEY JM JAM JO JOR JP JPN "
    "KE KEN KG KGZ KH KHM KI KIR KM COM KN KNA KP PRK KR KOR KW KWT KY CYM KZ KAZ LA LAO LB LBN LC LCA LI LIE LK LKA LR LBR LS LSO LT LTU "
    "LU LUX LV LVA LY LBY MA MAR MC MCO MD MDA ME MNE MF MAF MG MDG MH MHL MK MKD ML MLI MM MMR MN MNG MO MAC MP MNP MQ MTQ MR MRT MS MSR "
    "MT MLT MU MUS MV MDV MW MWI MX MEX MY MYS MZ MOZ NA NAM NC NCL NE NER NF NFK NG NGA NI NIC NL NLD NO NOR NP NPL NR NRU NU NIU NZ NZL "
    "OM OMN PA PAN PE PER PF PYF PG PNG PH PHL PK PAK PL POL PM SPM PN PCN PR PRI PS PSE PT PRT PW PLW PY PRY QA QAT RE REU RO ROU RS SRB "
    "RU RUS RW RWA SA SAU SB SLB SC SYC SD SDN SE SWE SG SGP SH SHN SI SVN SJ SJM SK SVK SL SLE SM SMR SN SEN SO SOM SR SUR SS SSD ST STP "
    "SV SLV SX SXM SY SYR SZ SWZ TC TCA TD TCD TF ATF TG TGO TH THA TJ TJK TK TKL TL TLS TM TKM TN TUN TO TON TR TUR TT TTO TV TUV TW TWN "
    "TZ TZA UA UKR UG UGA UM UMI US USA UY URY UZ UZB VA VAT VC VCT VE VEN VG VGB VI VIR VN VNM VU VUT WF WLF WS WSM YE YEM YT MYT ZA ZAF "
    "ZM ZMB ZW ZWE"
)
_ALPHA_3 = _TABLE.split()

ALPHA_2 = frozenset(_ALPHA_3[::2])

_NAMES = {
    **dict(zip(_ALPHA_3[1::2], _ALPHA_3[::2], strict=True)),
    **{
        "UK": "GB",
        "EL": "GR",
        "XI": "GB",
        "XK": "XK",
        "PRC": "CN",
        "P.R. CHINA": "CN",
        "PR CHINA": "CN",
        "PEOPLE'S REPUBLIC OF CHINA": "CN",
    },
    **{"CHINA": "CN", "MAINLAND CHINA": "CN", "中国": "CN", "中國": "CN", "HONG KONG": "HK", "MACAO": "MO", "MACAU": "MO", "TAIWAN": "TW"},
    **{
        "TAIWAN, PROVINCE OF CHINA": "TW",
        "JAPAN": "JP",
        "SOUTH KOREA": "KR",
        "KOREA": "KR",
        "REPUBLIC OF KOREA": "KR",
        "NORTH KOREA": "KP",
    },
    **{"INDIA": "IN", "VIETNAM": "VN", "VIET NAM": "VN", "THAILAND": "TH", "MALAYSIA": "MY", "SINGAPORE": "SG", "INDONESIA": "ID"},
    **{"PHILIPPINES": "PH", "MYANMAR": "MM", "LAOS": "LA", "CAMBODIA": "KH", "MONGOLIA": "MN", "KAZAKHSTAN": "KZ", "UZBEKISTAN": "UZ"},
    **{"KYRGYZSTAN": "KG", "TAJIKISTAN": "TJ", "TURKMENISTAN": "TM", "PAKISTAN": "PK", "IRAN": "IR", "IRAQ": "IQ", "ISRAEL": "IL"},
    **{"TURKEY": "TR", "TÜRKIYE": "TR", "SAUDI ARABIA": "SA", "UNITED ARAB EMIRATES": "AE", "RUSSIA": "RU", "RUSSIAN FEDERATION": "RU"},
    **{
        "BELARUS": "BY",
        "UKRAINE": "UA",
        "GERMANY": "DE",
        "DEUTSCHLAND": "DE",
        "FRANCE": "FR",
        "ITALY": "IT",
        "SPAIN": "ES",
        "PORTUGAL": "PT",
    },
    **{"NETHERLANDS": "NL", "THE NETHERLANDS": "NL", "BELGIUM": "BE", "LUXEMBOURG": "LU", "AUSTRIA": "AT", "ÖSTERREICH": "AT"},
    **{"SWITZERLAND": "CH", "SCHWEIZ": "CH", "POLAND": "PL", "CZECHIA": "CZ", "CZECH REPUBLIC": "CZ", "SLOVAKIA": "SK", "HUNGARY": "HU"},
    **{
        "SLOVENIA": "SI",
        "CROATIA": "HR",
        "SERBIA": "RS",
        "ROMANIA": "RO",
        "BULGARIA": "BG",
        "GREECE": "GR",
        "SWEDEN": "SE",
        "NORWAY": "NO",
    },
    **{"DENMARK": "DK", "FINLAND": "FI", "ESTONIA": "EE", "LATVIA": "LV", "LITHUANIA": "LT", "IRELAND": "IE", "UNITED KINGDOM": "GB"},
    **{"GREAT BRITAIN": "GB", "ENGLAND": "GB", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US", "U.S.A.": "US", "CANADA": "CA"},
    **{"MEXICO": "MX", "BRAZIL": "BR", "CHILE": "CL", "PERU": "PE", "ARGENTINA": "AR", "BOLIVIA": "BO", "COLOMBIA": "CO", "CUBA": "CU"},
    **{"AUSTRALIA": "AU", "NEW ZEALAND": "NZ", "SOUTH AFRICA": "ZA", "NAMIBIA": "NA", "MADAGASCAR": "MG", "TANZANIA": "TZ", "RWANDA": "RW"},
    **{"DEMOCRATIC REPUBLIC OF THE CONGO": "CD", "DR CONGO": "CD", "ZAMBIA": "ZM", "MOZAMBIQUE": "MZ", "GUINEA": "GN", "MALAWI": "MW"},
}


def alpha_2(written: str) -> str | None:
    """The ISO 3166-1 alpha-2 code for what a sender wrote in a country field; None where it is no country that is known here."""
    wanted = written.strip().upper()
    return wanted if wanted in ALPHA_2 else _NAMES.get(wanted)
