"""Given names that are one name in several spellings, and the other forms that people are called by. Data, not rules.

Own collection of forms common in the United Kingdom; a comma ends a name. Spellings (transliterations above all) are
taken as the same name; short forms and other languages' forms only as near: Alex may be Alexander or Alexandra.
"""

from __future__ import annotations

_SPELLINGS = """
muhammad mohammed mohammad mohamed mohamad muhammed muhamad muhamed mohd md mhd mohamud mehmed mehmet mahomed,
ahmed ahmad ahmet achmed, yusuf youssef yousef yousuf yosef, joseph josef jozef, ibrahim ebrahim, abraham avraham,
ishmael ismail ismael ismaeel esmail, isaac izaak yitzhak, ishaq ishak, jacob jakob jakub,
yaqub yakub yaqoob yakob, musa mousa moosa, moses moshe, dawud dawood daoud, david dawid davide,
sulaiman suleiman suleyman sulayman soliman, hussain hussein husain husein hossain hossein husayn hussayn,
hassan hasan, ali aly, omar umar omer umer, osman usman uthman othman ousmane, khalid khaled kalid,
bilal belal billal, hamza hamzah hamsa, zakariya zakaria zachariah zacharias zakariyya, yahya yehya yahia,
abdul abd abdel abdal abdoul, abdullah abdallah abdulla abdulah,
abdulrahman abdurrahman abdirahman abdelrahman abdurahman abdourahman, tariq tarek tarik tarique,
rashid rasheed rachid, salim saleem selim, jamal gamal djamal cemal, karim kareem kerim,
aisha ayesha aysha aishah aicha ayse ayisha, fatima fatimah fathima fatma fatema fatoumata faatimah,
khadija khadijah khadeeja kadija hadija khadeejah, zaynab zainab zeinab zeynep zainub,
maryam mariam mariyam meryem maryum, maria mariya marya marija, zahra zara zahraa zehra sara, sarah saara sahra,
safiya safiyah safia sofiya, amina aminah ameena aamina amna, hafsa hafsah hafza, khalil khaleel,
noor nour nur noura, layla leila laila leyla lailah, yasmin yasmine yasmeen jasmine jasmin jasmyn,
hannah hana hannha, sophia sofia sophie zofia sofija, catherine katherine kathryn katharine kathrine,
katarzyna katerina ekaterina katrina, elizabeth elisabeth elzbieta elisabeta, anna ana hanna, anne ann,
alexander aleksander aleksandr oleksandr alexandru, alexandra aleksandra oleksandra alessandra, sean shaun shawn,
johann johan, michael micheal, mikhail mykhailo michal mihai mikolaj, nicholas nikolas nicolas niklas,
nikolai mykola nicolae, petro petru piotr pyotr, peter pieter, pavel pawel, andrei andriy andrzej andrej andre,
georgios gheorghe, stephen steven stephan, stefan szczepan stepan, philip phillip filip philippe,
mateusz matei mateo, matthew mathew, thomas tomasz tomas toma, christopher kristopher krzysztof christoffer,
daniel danyal daniyal danil daniil, adam adem aadam, eve eva ewa yeva, hawa hava, aaron aron arron,
haroon harun haroun, jonathan johnathan jonathon, geoffrey jeffrey, graham graeme, ian iain, neil neal niall,
alan allan allen, mark marc marek, marco marko, lucas lukas lukasz, luke luk, oliver olivier oliwier,
isabella izabella isabela, isabelle isabel izabela ysabel, julia yulia giulia iuliia,
natalia natalie nataliya nathalie, victoria viktoria wiktoria, helen helena elena olena,
rachel rachael raquel raheal, rebecca rebekah rebeca, megan meghan meagan, caitlin kaitlyn katelyn caitlyn kaitlin,
hayley haylee hailey haley, leah lea lia, maya maia mya, kayleigh kayley kaylee kayla, chloe khloe cloe,
zoe zoey zooey, phoebe pheobe phebe, niamh neve, siobhan shevaun shivaun, aoife eefa, ciaran kieran kieron keiran,
rhys reece reese rees, callum calum colum, connor conor conner, declan deklan, finlay finley findlay,
harvey harvie, jayden jaden jaiden jaydon, aidan aiden ayden aydan, tyler tylor, dylan dillon dillan dylon,
lewis louis luis louie, alfie alfy, archie archy, freya freja, evie evy, lily lilly lillie lili, ellie elly,
poppy poppie, aaliyah aliyah aliya aleah aliah, imran emran, irfan erfan, faisal faysal feisal,
haider haidar hyder, junaid junayd, kashif kashef, naveed navid, nadeem nadim, shahid shaheed, waqas wakas vaqas,
zain zayn zane, zaid zayd zeid, ayaan ayan aayan, rayyan rayan raiyan, krishna krishnan, priya priyah pria,
pooja puja, deepak dipak, lakshmi laxmi luxmi, sanjay sanjai, vijay vijai, jaspreet jasprit, gurpreet gurprit,
harpreet harprit, manpreet manprit, olumide olumidey, oluwaseun seun, adebayo bayo, chukwuemeka emeka, kwame kwami,
kofi coffie, svetlana svitlana, dmitri dmytro dimitri dmitry dumitru, sergei serhii sergey serghei,
volodymyr vladimir wlodzimierz, oksana oxana, yana jana iana, tatiana tetiana tatyana, syed sayed sayyid sayyed,
saeed saeid said, begum begam, bibi bebe
"""

_SHORT_FORMS = """
alexander alex al alec sandy sasha xander lex alek, alexandra alex sandra sandy lexi lexie sasha ali,
andrew andy drew, anthony tony ant, antony tony ant, benjamin ben benny benji, bernard bernie, bethany beth,
catherine cathy kate katie kat cath kitty katy kay, charles charlie chas chuck,
charlotte charlie lottie char lotte, christina chris tina chrissie, christine chris chrissie tina,
christopher chris kris topher kit, cynthia cindy, daniel dan danny, danielle dani, david dave davy davey dai,
deborah debbie deb debs, dominic dom, donald don donnie, dorothy dot dottie, edward ed eddie ted teddy ned,
edwin ed eddie, eleanor ellie nell nellie elle nora,
elizabeth liz lizzie beth betty eliza libby lizzy elsie betsy ellie, emily em emmy millie, emma em,
evelyn evie eve, florence flo flossie, francesca fran frankie franny cesca, frances fran frankie,
francis frank frankie, frederick fred freddie freddy, gabriel gabe, gabriella gabby ella gabi,
gabrielle gabby elle, georgia georgie, georgina georgie gina, gerald gerry jerry, gregory greg, harold harry hal,
harrison harry, harriet hattie harri, henry harry hal, isabella bella izzy isa issy, isaac ike zac,
isabelle izzy bella belle, jacob jake, james jim jimmy jamie jem, jacqueline jackie, jennifer jen jenny jenna,
jessica jess jessie, joanna jo joanne, joanne jo, john johnny jack jonny, jonathan jon jonny nathan,
joseph joe joey, joshua josh, josephine josie jo, judith judy, julian jules, katherine kate katie kathy kat,
kenneth ken kenny, kimberley kim, lawrence larry laurie, leonard len lenny leo, lillian lily lil, lucas luke,
madeleine maddie maddy, madison maddie, margaret maggie meg peggy marge mags, maria ria, martin marty,
matthew matt matty, matilda tilly tilda mattie, maximilian max, maxwell max, megan meg, melanie mel,
melissa mel lissa, michael mike mick micky mickey mikey, michelle shelly chelle, mohammed mo moe, muhammad mo moe,
nathan nate, nathaniel nathan nate nat, natalia nat talia, natasha tasha nat, nicholas nick nicky nico,
nicola nicky nikki, nicole nicky nikki, olivia liv livvy livia ollie, oliver ollie olly, oscar ozzy, pamela pam,
patricia pat trish patsy tricia, patrick pat paddy rick, penelope penny, peter pete, philip phil pip, phillip phil,
rachel rach, raymond ray, rebecca becky becca bex, reginald reg reggie, richard rick dick ricky richie rich,
robert rob bob bobby robbie bert, roberta bobbie, ronald ron ronnie, rosemary rose rosie, rose rosie, roxanne roxy,
russell russ, ruth ruthie, samantha sam sammy, samuel sam sammy, sarah sadie sally, sebastian seb,
sophia soph sophie, stephanie steph, stephen steve stevie, susan sue susie suzy, suzanne sue suzie, sylvia sylvie,
terence terry, teresa terry tess tessa, theodore theo ted teddy, thomas tom tommy, timothy tim timmy, tobias toby,
victor vic, victoria vicky tori vikki vic, vincent vince vinny, william will bill billy liam willy,
winifred winnie, yusuf yus, zachary zac zach zack, zachariah zac zach zack, abdulrahman abdul, ibrahim ibby ibs,
khadija dija, fatima fatty tima, oluwaseun seun, temitope temi tope, ayodele ayo, yusuf joseph, ibrahim abraham,
ishaq isaac, yaqub jacob, musa moses, dawud david, sulaiman solomon, maryam mary maria miriam marie,
catherine katarzyna, elizabeth elspeth, anna anne anya, alexander alessandro iskander,
ioan john jan ivan jon jean juan giovanni, michael mikhail miguel mikael, nicholas nikolai, petro peter pedro,
paul pavel pablo paulo, andrew andrei andreas, george jerzy gheorghe jorge georgios yuri, stephen stefan esteban,
philip felipe, matthew mateusz matthias matvei, james jaime giacomo, william wilhelm guillaume, eve hawa,
haroon aaron, marcus markus mark marco, luka luca lucas luke, isabella isabelle, amelia emilia amalia
"""


def _names(text: str) -> list[list[str]]:
    return [entry.split() for entry in text.split(",")]


def _table(text: str) -> dict[str, str]:
    """Every spelling to the first of its name; a spelling of two names belongs to the first."""
    table: dict[str, str] = {}
    for first, *others in _names(text):
        for word in (first, *others):
            table.setdefault(word, first)
    return table


def _forms(text: str, spellings: dict[str, str]) -> dict[str, frozenset[str]]:
    """Every other form to the names it may stand for."""
    forms: dict[str, set[str]] = {}
    for first, *others in _names(text):
        for word in others:
            forms.setdefault(spellings.get(word, word), set()).add(spellings.get(first, first))
    return {word: frozenset(names) for word, names in forms.items()}


SPELLING: dict[str, str] = _table(_SPELLINGS)
LONG_FORMS: dict[str, frozenset[str]] = _forms(_SHORT_FORMS, SPELLING)
BEFORE_ANOTHER = frozenset({"muhammad", "syed", "abdul"})
"""First names that many brothers have in common: what follows them tells one from the other."""
