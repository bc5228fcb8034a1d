// The PC/SC client interface of pcsc-lite.
#pragma once
#include <winscard.h>
#include <reader.h>
