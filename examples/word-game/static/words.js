// Things that can be described without saying them.
export const WORDS = [
  'lighthouse', 'umbrella', 'volcano', 'accordion', 'penguin', 'elevator', 'snowman', 'library', 'cactus', 'bicycle',
  'thunder', 'compass', 'waterfall', 'pancake', 'telescope', 'hedgehog', 'carousel', 'igloo', 'marathon', 'anchor',
  'butterfly', 'dentist', 'fireworks', 'kangaroo', 'lemonade', 'mirror', 'octopus', 'parachute', 'rainbow', 'sandcastle',
  'tractor', 'violin', 'windmill', 'astronaut', 'beehive', 'chessboard', 'dinosaur', 'escalator', 'flamingo', 'glacier',
  'hammock', 'iceberg', 'jigsaw', 'lantern', 'mosquito', 'notebook', 'orchestra', 'pyramid', 'quicksand', 'scarecrow',
  'treasure', 'unicorn', 'vampire', 'whistle', 'yacht', 'zipper', 'avalanche', 'bonfire', 'crocodile', 'drawbridge',
  'earthquake', 'fossil', 'gondola', 'helicopter', 'jellyfish', 'keyhole', 'labyrinth', 'magnet', 'nightmare', 'oasis',
  'passport', 'radar', 'sauna', 'trampoline', 'vacuum', 'wardrobe', 'alphabet', 'balcony', 'candle', 'detective',
  'echo', 'ferry', 'guitar', 'harvest', 'island', 'juggler', 'kettle', 'luggage', 'microscope', 'needle',
];
