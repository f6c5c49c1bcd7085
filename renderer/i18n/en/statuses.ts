/** The answers of a member relay's door (PA_STATUS) by number: in a few words, and what they mean for us. */
export const statuses: Record<number, { readonly short: string; readonly meaning: string }> = {
  0: { short: 'Lets you in', meaning: 'The relay lets you browse through it.' },
  1: { short: 'Did not recognise your relay', meaning: 'Your relay could not prove its identity there. Start it again if this goes on.' },
  2: {
    short: 'Does not know your relay yet',
    meaning: 'Your relay is not in its list yet. New listings take up to a few hours to reach everybody.',
  },
  3: {
    short: 'Sees you as not running',
    meaning: 'In its list your relay is not marked Running. The authorities test again by themselves.',
  },
  4: { short: 'Wants a Stable relay', meaning: 'It lets in only relays that the authorities call Stable. Yours is not yet.' },
  5: {
    short: 'You came from another address',
    meaning: 'Your connection came from an address other than the one your relay is listed with. A VPN does this, or a new address.',
  },
  6: { short: 'Could not use your relay port', meaning: 'It tested your ORPort and could not use it. Test your ports on the Home page.' },
  7: {
    short: 'Could not use your directory port',
    meaning: 'It tested your DirPort and could not use it. Test your ports on the Home page.',
  },
  8: {
    short: 'Could not use your perspective port',
    meaning: 'It tried to browse through your PAPort and nothing came out. Look at your perspective policy.',
  },
  9: { short: 'Blocks you', meaning: 'Its owner has put your relay on a block list.' },
  10: {
    short: 'Your share is used up',
    meaning: 'You have used what it gives you for now. Shares grow with what your relay does for others.',
  },
  11: { short: 'Busy', meaning: 'It has no room at the moment.' },
  12: { short: 'Perspective is off there', meaning: 'Its owner has turned perspective access off.' },
  13: { short: 'Its own list is too old', meaning: 'It cannot check anybody until its own directory is fresh again.' },
  14: { short: 'Is testing your relay', meaning: 'It is just testing your three ports. Ask again in a moment.' },
}
export const unknownStatus = {
  short: (status: number) => `Refused (answer ${status})`,
  meaning: 'It gave an answer that this version does not know.',
}
