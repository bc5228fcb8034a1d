import Testing

@Suite struct VirtualCardTests {}
