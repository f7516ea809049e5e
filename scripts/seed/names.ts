/** Names for synthetic persons: common ones, put together by chance. No person is meant. */
export const FIRST_NAMES = (
  'Ada Aiden Alana Amara Andre Anh Ari Asha Beatriz Ben Bianca Caleb Camila Carlos Chloe Dante Delia Diego Elena Eli Emre Esther ' +
  'Farid Felix Gia Grace Hana Hugo Ida Imani Iris Ivan Jada Jamal Joaquin Jonah Kaia Kenji Kiara Lana Leo Lina Luca Mai Malik ' +
  'Mara Mateo Mei Mila Nadia Nico Noor Omar Paloma Priya Quinn Rafael Reina Rosa Ruby Samir Sofia Tariq Tessa Thea Uma Veda ' +
  'Victor Wren Ximena Yara Yusuf Zara Zoe'
).split(' ');

export const LAST_NAMES = (
  'Abbott Acosta Aguilar Amini Arceneaux Baptiste Becker Bernal Bhatt Boudreaux Brooks Cardenas Castillo Chan Chavez Cohen Cruz ' +
  'Dang Delgado Diaz Duarte Dupont Ellis Espinoza Estrada Farrow Flores Fontenot Fuentes Garza Gill Gomez Grant Guidry Haddad ' +
  'Harper Hebert Hensley Hoang Ibarra Jensen Kang Kaur Khan Kim Landry Lara Leblanc Lee Lopez Lozano Marsh Medina Mehta Mendoza ' +
  'Molina Montes Nguyen Novak Ochoa Okafor Ortiz Osei Park Patel Pham Quiroz Ramos Reyes Rivas Robles Rosales Salas Sandoval ' +
  'Santos Singh Soto Tan Torres Tran Trujillo Uribe Vang Vargas Velasco Villa Vu Walsh Wong Xiong Yang Zamora Zavala'
).split(' ');

export const GUARDIAN_NAMES =
  'Alex Anita Boris Carla Dana Emilio Fatima Greta Hector Ines Jorge Karin Lucia Marco Nora Oscar Paula Ramon Sara Tomas'.split(
    ' ',
  );

/** Languages at home, by CALPADS-like two-digit code and share. */
export const LANGUAGES: readonly (readonly [code: string, share: number])[] = [
  ['eng', 0.62],
  ['spa', 0.28],
  ['vie', 0.04],
  ['pan', 0.03],
  ['hmn', 0.03],
];
