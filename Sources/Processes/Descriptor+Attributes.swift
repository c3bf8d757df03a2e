import CProcesses

extension Descriptor {
  /// Whether somebody has given the file more than rights: an access list, an attribute, a flag; true where that is not
  /// known.
  package borrowing func hasAttributes() -> Bool { sluice_has_attributes(number) != 0 }
}
