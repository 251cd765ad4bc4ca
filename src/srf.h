/*-------------------------------------------------------------------------
 *
 * srf.h
 *		The result of a set-returning function, on every supported server.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SRF_H
#define KIAIM_SRF_H

#include "postgres.h"
#include "fmgr.h"
#include "funcapi.h"

/*
 * Begin a materialized result: checks the call context and fills setResult and
 * setDesc of the returned ReturnSetInfo.  Add rows with tuplestore_putvalues,
 * then return (Datum) 0.
 */
extern ReturnSetInfo *srf_begin(FunctionCallInfo fcinfo);

#endif							/* KIAIM_SRF_H */
