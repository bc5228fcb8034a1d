import Testing

@Suite struct CardCryptographyTests {}
