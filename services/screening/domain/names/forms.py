"""What a firm's name carries besides its name: legal forms in Latin and in Chinese script, articles, titles.

Forms are those of the companies acts and registers of their countries as commonly abbreviated (compare ISO 20275, entity legal forms). A
form says nothing on who the firm is, so it is taken off either end before names are compared.
"""

from typing import Final

_LATIN_FORMS: Final = """
inc incorporated incorporation corp corporation corporations corporate co company companies coy cia compania compagnie cie ltd limited
ltee limitee llc lc llp lllp lp plc gmbh mbh ggmbh ag aktiengesellschaft aktiengeselschaft kg kgaa ohg ug eg ev gesellschaft se sa sas
sasu sarl sarlu snc sca scs eurl gie spa srl srls sapa sl slu sau cv sab saa sac eirl sacv sociedad bv nv vof bvba cvba sprl srlu
naamloze vennootschap besloten oy oyj ab publ as asa aps is hf ehf kk yk gk kabushiki kaisha gaisha kabushikigaisha godo yugen pte pty
pvt private sdn bhd berhad tbk pt cv ooo oao zao pao ao ano npo fgup fgu gup mup too tov vat pat jsc pjsc cjsc ojsc ljsc aojsc lls odo
chup ip doo dd ad eood ood ead zrt nyrt kft bt rt sro vos ks zs spol spolka spolecnost zoo spzoo ska uab sia ou mchj xk mmc qsc psc pjs
wll bsc saog saoc saoe kscc fze fzc fzco fzllc dmcc est establishment sirketi anonim sanayi ltdsti as ve ticaret tic san ltda eireli
epp sapi holdco
"""

LATIN_FORMS: Final = frozenset(_LATIN_FORMS.split()) - {"is", "ip", "as", "ve", "san", "tic", "est", "rt", "bt", "eg", "ev", "lc"}
LATIN_FORMS_AT_THE_END: Final = LATIN_FORMS | {"is", "as", "rt", "bt", "eg", "ev", "lc", "est"}

_LATIN_FORM_PHRASES: Final = """
limited liability company|limited liability partnership|limited liability|limited partnership|ltd partnership|public limited company
private limited company|company limited by shares|joint stock company|joint stock|open joint stock company|public joint stock company
closed joint stock company|private joint stock company|joynt stock company|stock company|obshchestvo s ogranichennoi otvetstvennostyu
obshchestvo s ogranichennoy otvetstvennostyu|obschestvo s ogranichennoy otvetstvennostyu|obshestvo s ogranichennoy otvetstvennostyu
aktsionernoe obshchestvo|aktsionernoye obshchestvo|aktsionernoe obschestvo|publichnoe aktsionernoe obshchestvo
otkrytoe aktsionernoe obshchestvo|zakrytoe aktsionernoe obshchestvo|tovarystvo z obmezhenoiu vidpovidalnistiu
nepublichnoe aktsionernoe obshchestvo|gesellschaft mit beschrankter haftung|gesellschaft mbh|aktien gesellschaft
kommanditgesellschaft auf aktien|offene handelsgesellschaft|eingetragene genossenschaft|kommanditgesellschaft|societe anonyme
societe a responsabilite limitee|societe par actions simplifiee|societe en nom collectif|societe en commandite
sociedad anonima de capital variable|sociedad anonima|sociedad de responsabilidad limitada|sociedad limitada|s a de c v|sa de cv
s de rl de cv|s de rl|sapi de cv|sociedade anonima|sociedade limitada|societa per azioni|societa a responsabilita limitata
societatea cu raspundere limitata|societate pe actiuni|spolka z ograniczona odpowiedzialnoscia|spolka akcyjna|sp zoo|sp z o o|sp z oo
spol s ro
spolecnost s rucenim omezenym|akciova spolecnost|besloten vennootschap|naamloze vennootschap|anonim sirketi|limited sirketi|ltd sti
ve ticaret as|perseroan terbatas|sendirian berhad|kabushiki kaisha|kabushiki gaisha|cong ty tnhh|cong ty co phan|free zone company
free zone establishment
"""
LATIN_FORM_PHRASES: Final = tuple(
    sorted(
        {tuple(phrase.split()) for line in _LATIN_FORM_PHRASES.strip().splitlines() for phrase in line.split("|")}, key=len, reverse=True
    )
)

FAMILIES: Final = {
    form: family
    for family, forms in {
        "German": "gmbh mbh ug ohg kgaa",
        "American": "inc incorporated llc lp",
        "British": "plc llp",
        "Russian": "ooo oao zao pao ojsc pjsc cjsc",
        "French": "sarl sas sasu",
        "Dutch": "bv nv",
        "Italian": "spa srl",
        "Japanese": "kk",
        "Swedish": "ab",
    }.items()
    for form in forms.split()
}
"""Forms that one country's law alone has, as a rule: two of different countries speak against one firm."""

_PARTICLES: Final = """
the a an of and und et e y i for in on at by to fur de da di do du dos das del della dei den der la le les los las el il lo al ul ad as
ar az bin ben ibn bint binti bte abu abou umm abd abdul abdel abdal van von vom zu zum zur ter ten ud uz
"""
PARTICLES: Final = frozenset(_PARTICLES.split())
"""Articles, prepositions and what stands between the names of a person: neither tells a name apart."""
_FORMS_OF_ADDRESS: Final = """
mr mrs ms miss dr prof herr frau monsieur madame mme mlle senor senora
"""
FORMS_OF_ADDRESS: Final = frozenset(_FORMS_OF_ADDRESS.split())
_TITLES: Final = """
mr mrs ms miss dr prof professor sir lord lady dame rev hon sheikh shaikh shaykh sheik haji hajji hadji hajj mullah maulana maulavi
mawlawi maulvi qari sayyid sayyed general gen colonel col major maj captain capt lieutenant lt brigadier admiral president prasident
presidente minister senator governor king prince princess emir ayatollah herr frau monsieur madame mme mlle senor senora signor don
dona pan pani imam ustadh engineer ing mag dipl
"""
TITLES: Final = frozenset(_TITLES.split())
_COMMON_GIVEN_NAMES: Final = """
mohammed mohammad muhammad mohamed mohamad mahmud mahmoud ahmed ahmad ali hassan hasan hussein husain hussain ibrahim abdullah abdallah
abdul abd omar umar khalid yusuf yousef said saeed salim salem saleh khan kim lee li wang zhang chen liu jose juan maria luis carlos
john aleksandr alexander sergey sergei vladimir ivan dmitry dmitri andrey andrei aleksey alexey mikhail nikolai
"""
COMMON_GIVEN_NAMES: Final = frozenset(_COMMON_GIVEN_NAMES.split())

_HAN_FORMS: Final = """
股份有限公司 有限责任公司 有限公司 责任有限公司 股份公司 有限责任 集团有限公司 集团股份有限公司 集团公司 总公司
分公司 公司 集团 控股 株式会社 合同会社 有限会社 合资会社 会社 有限合伙 合伙企业 普通合伙 有限 股份 责任
两合公司 无限公司 工厂 总厂 商行 企业
"""
HAN_FORMS: Final = tuple(sorted(set(_HAN_FORMS.split()), key=len, reverse=True))
"""The longest first."""
HAN_FORMS_IN_FRONT: Final = ("株式会社", "有限会社", "合同会社", "公司")
