import Testing

@Suite struct IssuerKeysTests {}
