// The PC/SC client interface of pcsc-lite.
#pragma once
#include <winscard.h>
#include <reader.h>

/// SCARD_ATTR_MAXINPUT, which Swift does not see: the header makes it by a macro with arguments.
static const DWORD cpcsc_attribute_maximum_input = SCARD_ATTR_MAXINPUT;
