import Testing

@Suite struct ISO7816Tests {}
