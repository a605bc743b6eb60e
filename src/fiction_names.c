/* What the fictional municipality is made of: boards, units, names. Data, not text for people: it is never translated.
 *
 * First and last names are the common ones of the country, put together by chance; a likeness with anybody is chance too. */
#include "fiction.h"

const char *const fiction_bodies[] = { "Kommunstyrelsen", "Socialnämnden", "Barn- och utbildningsnämnden", "Miljö- och byggnämnden",
	"Kultur- och fritidsnämnden", "Tekniska nämnden", "Exempelbostäder AB" };

/* Class 1 is what must not stop. The first unit of each body is where its director sits. */
const struct fiction_unit fiction_units[] = {
	{ "Kommunledningskontoret", 0, 2, 30, FICTION_OFFICE }, { "Säkerhet och beredskap", 0, 1, 8, FICTION_OFFICE },
	{ "It-drift", 0, 1, 22, FICTION_OFFICE }, { "It-support", 0, 2, 16, FICTION_OFFICE }, { "Ekonomi", 0, 3, 42, FICTION_OFFICE },
	{ "Lön", 0, 2, 18, FICTION_OFFICE }, { "Personal", 0, 3, 26, FICTION_OFFICE }, { "Kommunikation", 0, 3, 14, FICTION_OFFICE },
	{ "Kansli", 0, 3, 18, FICTION_OFFICE }, { "Arkiv", 0, 4, 6, FICTION_OFFICE }, { "Upphandling", 0, 4, 10, FICTION_OFFICE },
	{ "Kontaktcenter", 0, 3, 16, FICTION_OFFICE }, { "Måltidsservice", 0, 3, 120, FICTION_CARE },
	{ "Lokalvård", 0, 4, 95, FICTION_CARE },

	{ "Socialförvaltningens ledning", 1, 2, 20, FICTION_OFFICE }, { "Socialjouren", 1, 1, 10, FICTION_OFFICE },
	{ "Biståndshandläggning", 1, 2, 34, FICTION_OFFICE }, { "Ekonomiskt bistånd", 1, 2, 30, FICTION_OFFICE },
	{ "Barn och familj", 1, 1, 46, FICTION_OFFICE }, { "Hemtjänst Norr", 1, 1, 110, FICTION_CARE },
	{ "Hemtjänst Söder", 1, 1, 120, FICTION_CARE }, { "Hemtjänst Väster", 1, 1, 95, FICTION_CARE },
	{ "Hemtjänst natt", 1, 1, 45, FICTION_CARE }, { "Hemsjukvård", 1, 1, 60, FICTION_CARE },
	{ "Äldreboendet Lindgården", 1, 1, 85, FICTION_CARE }, { "Äldreboendet Solbacken", 1, 1, 90, FICTION_CARE },
	{ "Äldreboendet Ängen", 1, 1, 70, FICTION_CARE }, { "Gruppbostäder", 1, 1, 140, FICTION_CARE },
	{ "Personlig assistans", 1, 1, 85, FICTION_CARE }, { "Daglig verksamhet", 1, 3, 55, FICTION_CARE },

	{ "Utbildningskontoret", 2, 3, 28, FICTION_OFFICE }, { "Elevhälsan", 2, 2, 36, FICTION_OFFICE },
	{ "Skoladministration", 2, 3, 26, FICTION_OFFICE }, { "Förskolor Norr", 2, 2, 150, FICTION_SCHOOL },
	{ "Förskolor Söder", 2, 2, 160, FICTION_SCHOOL }, { "Björkskolan", 2, 3, 75, FICTION_SCHOOL },
	{ "Centralskolan", 2, 3, 90, FICTION_SCHOOL }, { "Kyrkbyskolan", 2, 3, 60, FICTION_SCHOOL },
	{ "Sjöängsskolan", 2, 3, 70, FICTION_SCHOOL }, { "Vretskolan", 2, 3, 55, FICTION_SCHOOL },
	{ "Exempelgymnasiet", 2, 3, 130, FICTION_SCHOOL }, { "Vuxenutbildningen", 2, 3, 40, FICTION_SCHOOL },
	{ "Fritidshem", 2, 3, 80, FICTION_SCHOOL },

	{ "Miljö- och byggkontoret", 3, 3, 12, FICTION_OFFICE }, { "Bygglov", 3, 3, 22, FICTION_OFFICE },
	{ "Miljö och hälsoskydd", 3, 2, 24, FICTION_OFFICE }, { "Kart och mät", 3, 3, 14, FICTION_OFFICE },

	{ "Kultur- och fritidskontoret", 4, 4, 10, FICTION_OFFICE }, { "Biblioteken", 4, 4, 30, FICTION_OFFICE },
	{ "Fritidsgårdar", 4, 4, 28, FICTION_SCHOOL }, { "Kulturskolan", 4, 4, 26, FICTION_SCHOOL },
	{ "Badhuset", 4, 4, 30, FICTION_CARE },

	{ "Tekniska kontoret", 5, 2, 20, FICTION_OFFICE }, { "Vatten och avlopp", 5, 1, 36, FICTION_OFFICE },
	{ "Gata och park", 5, 2, 50, FICTION_CARE }, { "Avfall", 5, 2, 28, FICTION_CARE }, { "Fastighet", 5, 3, 40, FICTION_CARE },
	{ "Räddningstjänsten", 5, 1, 55, FICTION_SCHOOL },

	{ "Exempelbostäders kontor", 6, 3, 24, FICTION_OFFICE }, { "Exempelbostäders fastighetsskötsel", 6, 3, 34, FICTION_CARE },
};

const char *const fiction_women[] = { "Anna", "Eva", "Maria", "Karin", "Sara", "Kristina", "Lena", "Emma", "Kerstin", "Marie", "Ingrid",
	"Birgitta", "Malin", "Jenny", "Inger", "Ulla", "Annika", "Monica", "Linda", "Susanne", "Elin", "Hanna", "Johanna", "Carina",
	"Elisabet", "Sofia", "Katarina", "Helena", "Åsa", "Amina", "Fatima", "Leila", "Zahra", "Ida", "Julia", "Frida", "Ellen", "Moa",
	"Alva", "Tove", "Siv", "Gunilla", "Märta", "Petra", "Camilla", "Therese", "Mia", "Lisa" };
const char *const fiction_men[] = { "Lars", "Mikael", "Anders", "Johan", "Erik", "Per", "Peter", "Jan", "Thomas", "Daniel", "Fredrik",
	"Hans", "Andreas", "Bengt", "Mats", "Stefan", "Bo", "Mattias", "Magnus", "Marcus", "Jonas", "Niklas", "Björn", "Leif", "Ulf",
	"Ali", "Hassan", "Omar", "Mohammed", "Yusuf", "Henrik", "Patrik", "Joakim", "Simon", "Viktor", "Oskar", "Elias", "Hugo", "Nils",
	"Gustav", "Axel", "Emil", "Göran", "Roger", "Kjell", "Håkan", "Rolf", "Sven" };
const char *const fiction_last[] = { "Andersson", "Johansson", "Karlsson", "Nilsson", "Eriksson", "Larsson", "Olsson", "Persson", "Svensson",
	"Gustafsson", "Pettersson", "Jonsson", "Jansson", "Hansson", "Bengtsson", "Lindberg", "Jakobsson", "Magnusson",
	"Lindström", "Olofsson", "Lindqvist", "Lindgren", "Axelsson", "Berg", "Bergström", "Lundberg", "Lundgren", "Lind", "Mattsson",
	"Berglund", "Fredriksson", "Sandberg", "Henriksson", "Forsberg", "Sjöberg", "Wallin", "Engström", "Eklund", "Danielsson",
	"Lundin", "Håkansson", "Björk", "Bergman", "Gunnarsson", "Holm", "Wikström", "Samuelsson", "Isaksson", "Fransson", "Bergqvist",
	"Nyström", "Holmberg", "Arvidsson", "Löfgren", "Söderberg", "Nyberg", "Blomqvist", "Claesson", "Nordström", "Mårtensson",
	"Lundström", "Viklund", "Björklund", "Eliasson", "Pålsson", "Berggren", "Sandström", "Lund", "Nordin", "Ström", "Åberg", "Falk",
	"Ek", "Hermansson", "Holmgren", "Hellström", "Dahl", "Hedlund", "Sundberg", "Ahmed", "Hussein", "Mohamed", "Haddad", "Nguyen",
	"Kovač", "Nowak", "Mäkinen", "Virtanen", "Sjögren", "Ekström", "Norberg", "Alm", "Åkesson", "Öberg", "Öhman" };

const size_t fiction_n_bodies = LENGTH(fiction_bodies), fiction_n_units = LENGTH(fiction_units), fiction_n_women = LENGTH(fiction_women),
	fiction_n_men = LENGTH(fiction_men), fiction_n_last = LENGTH(fiction_last);
