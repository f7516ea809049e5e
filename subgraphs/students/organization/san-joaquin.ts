/**
 * The three SELPAs of San Joaquin County with their LEAs and some of their schools, as public facts: members by the SELPAs'
 * own pages, names and codes of the 2023-24 directory of the California Department of Education.
 */
interface CaliforniaLea {
  /** County and district code: the first 7 digits of the county-district-school code. */
  district: string;
  name: string;
  /** School code (the last 7 digits) and name. `0000001` stands for the non-public schools that a district places students in. */
  schools: readonly (readonly [code: string, name: string])[];
  /** Small enough that the SELPA's system manager manages it too: ADA of 900 or less (SEIS-35). */
  directService?: boolean;
}

interface CaliforniaSelpa {
  id: string;
  name: string;
  leas: readonly CaliforniaLea[];
}

export const SAN_JOAQUIN: readonly CaliforniaSelpa[] = [
  {
    id: 'selpa-san-joaquin-county',
    name: 'San Joaquin County SELPA',
    leas: [
      {
        district: '3910397',
        name: 'San Joaquin County Office of Education',
        schools: [
          ['6069215', 'San Joaquin County Special Education'],
          ['3930468', 'San Joaquin County Community'],
          ['3930476', 'Venture Academy'],
        ],
      },
      {
        district: '3968502',
        name: 'Escalon Unified',
        schools: [
          ['3932308', 'Escalon High'],
          ['6070957', 'El Portal Middle'],
          ['6041792', 'Dent Elementary'],
        ],
      },
      {
        district: '3968544',
        name: 'Jefferson Elementary',
        schools: [
          ['0105718', 'Anthony C. Traina Elementary'],
          ['6041875', 'Jefferson'],
          ['6110373', 'Monticello Elementary'],
          ['6117618', 'Tom Hawkins Elementary'],
        ],
      },
      {
        district: '3968569',
        name: 'Lincoln Unified',
        schools: [
          ['3933801', 'Lincoln High'],
          ['6041925', 'Sierra Middle'],
          ['6041917', 'Lincoln Elementary'],
        ],
      },
      {
        district: '3968577',
        name: 'Linden Unified',
        schools: [
          ['3933959', 'Linden High'],
          ['6041974', 'Linden Elementary'],
          ['6041990', 'Waterloo Elementary'],
        ],
      },
      {
        district: '3968593',
        name: 'Manteca Unified',
        schools: [
          ['0000001', 'Nonpublic, Nonsectarian Schools'],
          ['0101576', 'Weston Ranch High'],
          ['0105973', 'Walter Woodward Elementary'],
          ['0108613', 'Veritas Elementary'],
          ['0112565', 'New Vision High'],
          ['0113357', 'Mossdale Elementary'],
          ['0116376', 'Lathrop High'],
          ['0141424', 'Manteca Online Academy'],
          ['3930310', 'Sierra High'],
          ['3930328', 'Yosemite School Community Day (7-12)'],
          ['3932001', 'East Union High'],
          ['3935103', 'Manteca High'],
          ['3935111', 'Calla High'],
          ['6042311', 'French Camp Elementary'],
          ['6042329', 'Golden West Elementary'],
          ['6042337', 'Lathrop Elementary'],
          ['6042345', 'Lincoln Elementary'],
          ['6042360', 'New Haven Elementary'],
          ['6042378', 'Nile Garden Elementary'],
          ['6042386', 'Sequoia Elementary'],
          ['6042394', 'Shasta Elementary'],
          ['6104533', 'Neil Hafley Elementary'],
          ['6107429', 'George McParland Elementary'],
          ['6108237', 'Brock Elliott Elementary'],
          ['6109532', 'Stella Brockman Elementary'],
          ['6110555', 'August Knodt Elementary'],
          ['6112197', 'Joshua Cowell Elementary'],
          ['6114847', 'Yosemite School Community Day (K-6)'],
          ['6115414', 'Great Valley Elementary'],
          ['6118509', 'Joseph Widmer Jr. Elementary'],
          ['6120505', 'George Y. Komure Elementary'],
        ],
      },
      {
        district: '3968627',
        name: 'New Jerusalem Elementary',
        schools: [
          ['6042436', 'New Jerusalem Elementary'],
          ['0117796', 'New Jerusalem'],
        ],
      },
      {
        district: '3968650',
        name: 'Ripon Unified',
        schools: [
          ['0000001', 'Nonpublic, Nonsectarian Schools'],
          ['0108035', 'Park View Elementary'],
          ['0125849', 'California Connections Academy Northern California'],
          ['0128215', 'Harvest High'],
          ['3935756', 'Ripon High'],
          ['6042477', 'Ripon Elementary'],
          ['6042485', 'Ripona Elementary'],
          ['6106322', 'Weston Elementary'],
          ['6109284', 'Colony Oak Elementary'],
        ],
      },
      {
        district: '3975499',
        name: 'Tracy Joint Unified',
        schools: [
          ['3938008', 'Tracy High'],
          ['6042840', 'Monte Vista Middle'],
          ['6042832', 'Central Elementary'],
          ['6118699', 'Art Freiler'],
        ],
      },
      {
        district: '3976760',
        name: 'Lammersville Joint Unified',
        schools: [
          ['0128967', 'Mountain House High'],
          ['0106484', 'Wicklund Elementary'],
          ['0114645', 'Bethany Elementary'],
        ],
      },
      {
        district: '3977388',
        name: 'Banta Unified',
        schools: [
          ['6041750', 'Banta Elementary'],
          ['0141242', 'River Islands High'],
        ],
      },
    ],
  },
  {
    id: 'selpa-lodi-area',
    name: 'Lodi Area Special Education Region (LASER)',
    leas: [
      {
        district: '3968585',
        name: 'Lodi Unified',
        schools: [
          ['3934783', 'Lodi High'],
          ['3934759', 'Tokay High'],
          ['6042220', 'Lodi Middle'],
          ['0111419', 'Woodbridge'],
          ['0122580', 'Rio Valley Charter'],
        ],
      },
      {
        district: '3968619',
        name: 'New Hope Elementary',
        directService: true,
        schools: [['6042428', 'New Hope Elementary']],
      },
      {
        district: '3968635',
        name: 'Oak View Union Elementary',
        directService: true,
        schools: [['6042444', 'Oak View Elementary']],
      },
    ],
  },
  {
    id: 'selpa-stockton-city-unified',
    name: 'Stockton City Unified SELPA',
    leas: [
      {
        district: '3968676',
        name: 'Stockton Unified',
        schools: [
          ['3932100', 'Edison High'],
          ['3937406', 'Stagg Senior High'],
          ['6042535', 'Cleveland Elementary'],
          ['6104368', 'District Special Education'],
        ],
      },
    ],
  },
];
