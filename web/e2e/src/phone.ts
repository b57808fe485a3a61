/** A phone, held upright. */
export const phone = { width: 390, height: 844 };
/** How many people a page of the grid holds there. */
export const PHONE_PAGE = 6;
